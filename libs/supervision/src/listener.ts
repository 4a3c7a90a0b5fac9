// A listener under supervision. The first bind must succeed, or start-up fails with the transport's error; later, a
// listener that dies is bound again with jittered, capped, exponential backoff while its connections live on. Its chart says in which of
// these states it is (listener-actor.ts); the fiber here does what each asks for.
//
// The listener's scope holds three things, released in reverse order: the fiber that binds again, the listening socket,
// and the connections. So nothing is accepted any more when the first connection is ended.

import { TransportError, type Endpoint, type Listener, type ListenOptions, type PeerAddress, type Transport } from '@sluice/transport';
import * as Deferred from 'effect/Deferred';
import * as Effect from 'effect/Effect';
import * as Fiber from 'effect/Fiber';
import * as Result from 'effect/Result';
import * as Schedule from 'effect/Schedule';
import type * as Scope from 'effect/Scope';
import { EventLoop } from './event-loop.ts';
import { asTransportError, superviseIntake, type Intake, type IntakeOptions } from './intake.ts';
import { ListenerActor, type ListenerActorOptions } from './listener-actor.ts';

export interface ListenerOptions extends IntakeOptions {
  readonly transport: Transport;
  readonly listen: ListenOptions;
  /** Silence after which `onTrouble` hears that nobody connects any more (once, until somebody does). Default 0: never. */
  readonly listenTimeoutMs?: number;
  /** The listener's chart took a step. */
  readonly onStep?: ListenerActorOptions['onStep'];
  /** A connection could not be begun, accepting failed, or the listener died, or could not be bound again yet. */
  readonly onTrouble: (error: TransportError) => void;
}

export interface SupervisedListener extends Intake {
  /** Where it listens; with port 0 the port that was picked. */
  readonly address: PeerAddress;
  /** Its state, as an actor that an inspector can look at. */
  readonly actor: ListenerActor;
  /** Stops accepting, for good; connections live on, and sockets accepted elsewhere are still taken. */
  readonly stop: Effect.Effect<void>;
}

/** Between two attempts to bind: 100 ms, doubled each time up to 10 s, each 20 % more or less. */
const backoff = Schedule.jittered(Schedule.min([Schedule.exponential('100 millis'), Schedule.spaced('10 seconds')]));
/** A listener that lived this long has recovered: the next death begins with the shortest pause. */
const recoveredMs = 30_000;

export const superviseListener = Effect.fn('superviseListener')(function* (
  options: ListenerOptions,
): Effect.fn.Return<SupervisedListener, TransportError, EventLoop | Scope.Scope> {
  const { transport, onTrouble, listenTimeoutMs = 0 } = options;
  const { clock, wheel } = yield* EventLoop;
  const intake = yield* superviseIntake(options);
  let current: Listener | null = null;
  const actor = new ListenerActor({
    clock,
    wheel,
    listenTimeoutMs,
    onQuiet: () => onTrouble(new TransportError('accept', 'timedOut', 'timedOut', `nobody has connected for ${listenTimeoutMs} ms`)),
    onClose: () => current?.close(),
    ...(options.onStep !== undefined && { onStep: options.onStep }),
  });

  const accept = (endpoint: Endpoint): void => {
    actor.accepted();
    intake.adopt(endpoint);
  };

  /** Answers what will hold the error this binding dies of. Never left half done: whoever is interrupted here waits for it. */
  const bind = Effect.fnUntraced(function* (listen: ListenOptions) {
    const death = yield* Deferred.make<TransportError>();
    const listener = yield* Effect.tryPromise({
      try: () =>
        transport.listen(listen, {
          onAccept: accept,
          onError: onTrouble,
          onClose: (error) => {
            if (error !== null) Deferred.doneUnsafe(death, Effect.succeed(error));
          },
        }),
      catch: (error) => asTransportError('listen', error),
    });
    current = listener;
    if (!actor.send('BOUND')) listener.close(); // stopped meanwhile
    return { death, address: listener.address };
  }, Effect.uninterruptible);

  const stop = Effect.sync(() => void actor.send('STOP'));
  const first = yield* Effect.acquireRelease(
    Effect.tapError(bind(options.listen), () => Effect.sync(() => void actor.send('BIND.FAILED'))),
    () => stop,
  );
  const again = rebinding(options.listen, first.address);

  const keepBound = Effect.gen(function* () {
    let { death } = first;
    let boundAtMs = clock.now();
    let pause = yield* Schedule.toStepWithSleep(backoff);
    let trouble: TransportError | null = null;
    for (;;) {
      switch (actor.state.phase) {
        case 'listening':
          trouble = yield* Deferred.await(death);
          onTrouble(trouble);
          if (clock.now() - boundAtMs >= recoveredMs) pause = yield* Schedule.toStepWithSleep(backoff);
          actor.send('DIED');
          break;
        case 'waiting':
          yield* pause(trouble);
          actor.send('RETRY');
          break;
        case 'binding': {
          const attempt = yield* Effect.result(bind(again));
          if (Result.isSuccess(attempt)) {
            ({ death } = attempt.success);
            boundAtMs = clock.now();
          } else {
            trouble = attempt.failure;
            onTrouble(trouble);
            actor.send('BIND.FAILED');
          }
          break;
        }
        default:
          return;
      }
    }
  });
  const keeper = yield* Effect.forkScoped(keepBound);

  return {
    address: first.address,
    actor,
    get connections() {
      return intake.connections;
    },
    get cutOff() {
      return intake.cutOff;
    },
    get throttles() {
      return intake.throttles;
    },
    set throttles(next) {
      intake.throttles = next;
    },
    adopt: intake.adopt,
    stop: Effect.andThen(stop, Fiber.interrupt(keeper)),
  };
});

/** A port that was picked stays the same when bound again; an inherited socket is gone with its first death, and its address opened. */
function rebinding({ descriptor, ...listen }: ListenOptions, { host, port }: PeerAddress): ListenOptions {
  return descriptor === undefined ? { ...listen, port } : { ...listen, host, port };
}
