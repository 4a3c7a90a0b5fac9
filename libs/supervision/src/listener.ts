// A listener under supervision. The first bind must succeed, or start-up fails with the transport's error; later, a
// listener that dies is bound again with jittered, capped, exponential backoff while its connections live on.
//
// The listener's scope holds three things, released in reverse order: the fiber that binds again, the listening socket,
// and the connections. So nothing is accepted any more when the first connection is ended.

import type { Pool } from '@sluice/brigade';
import { Connection, type ConnectionHost, type Session, type TimeoutSettings, type WindowSettings } from '@sluice/connection';
import { TransportError, type Endpoint, type Listener, type ListenOptions, type PeerAddress, type Transport } from '@sluice/transport';
import * as Clock from 'effect/Clock';
import * as Deferred from 'effect/Deferred';
import * as Effect from 'effect/Effect';
import * as Fiber from 'effect/Fiber';
import * as Result from 'effect/Result';
import * as Schedule from 'effect/Schedule';
import * as Scope from 'effect/Scope';
import { ConnectionScopes } from './connection-scope.ts';
import { EventLoop } from './event-loop.ts';
import type { ConnectionRegistry } from './registry.ts';

export interface ListenerOptions {
  readonly transport: Transport;
  readonly listen: ListenOptions;
  readonly registry: ConnectionRegistry;
  readonly windows: WindowSettings;
  readonly timeouts: TimeoutSettings;
  /** Parent of the connections' pools. */
  readonly pool: Pool;
  /** With this many connections let in by the registry's listeners a further one gets its protocol's refusal (503). */
  readonly maxConnections: number;
  /** The session a new connection begins with. */
  readonly makeSession: (pool: Pool) => Session;
  /** Accepting failed, or the listener died, or could not be bound again yet. */
  readonly onTrouble: (error: TransportError) => void;
}

export interface SupervisedListener {
  /** Where it listens; with port 0 the port that was picked. */
  readonly address: PeerAddress;
  /** Open connections that came through this listener. */
  readonly connections: number;
  /** Takes a socket accepted elsewhere, what was already read of it first. */
  adopt(endpoint: Endpoint, leftover?: Uint8Array): void;
  /** Stops accepting, for good; connections live on. */
  readonly stop: Effect.Effect<void>;
}

/** So many peers at a time are told that there is no room; those beyond are cut off. */
export const maxRefusals = 1024;

/** Between two attempts to bind: 100 ms, doubled each time up to 10 s, each 20 % more or less. */
const backoff = Schedule.jittered(Schedule.min([Schedule.exponential('100 millis'), Schedule.spaced('10 seconds')]));
/** A listener that lived this long has recovered: the next death begins with the shortest pause. */
const recoveredMs = 30_000;

export const superviseListener = Effect.fn('superviseListener')(function* (
  options: ListenerOptions,
): Effect.fn.Return<SupervisedListener, TransportError, EventLoop | Scope.Scope> {
  const { registry, transport, pool, onTrouble } = options;
  const { clock, wheel, turn } = yield* EventLoop;
  const scopes = new ConnectionScopes(registry, yield* Scope.fork(yield* Effect.scope));
  const { windows, timeouts } = options;
  const host: ConnectionHost = { clock, wheel, turn, windows, timeouts, observer: scopes, pool };

  const adopt = (endpoint: Endpoint, leftover?: Uint8Array): void => {
    const full = registry.admitted >= options.maxConnections;
    if (scopes.isClosed || (full && registry.refused >= maxRefusals)) {
      endpoint.close();
      return;
    }
    let connectionPool: Pool | null = null;
    let connection: Connection;
    try {
      connectionPool = pool.subpool();
      connection = new Connection(endpoint, host, options.makeSession(connectionPool), connectionPool);
    } catch (error) {
      connectionPool?.destroy();
      endpoint.close();
      onTrouble(asTransportError('accept', error));
      return;
    }
    if (full) scopes.turnAway(connection);
    else scopes.open(connection, leftover);
  };

  let current: Listener | null = null;
  let stopped = false;
  const close = (): void => {
    stopped = true;
    current?.close();
  };
  /** Answers what will hold the error this binding dies of. Never left half done: whoever is interrupted here waits for it. */
  const bind = Effect.fnUntraced(function* (listen: ListenOptions) {
    const death = yield* Deferred.make<TransportError>();
    current = yield* Effect.tryPromise({
      try: () =>
        transport.listen(listen, {
          onAccept: adopt,
          onError: onTrouble,
          onClose: (error) => {
            if (error !== null) Deferred.doneUnsafe(death, Effect.succeed(error));
          },
        }),
      catch: (error) => asTransportError('listen', error),
    });
    if (stopped) current.close();
    return { death, address: current.address };
  }, Effect.uninterruptible);

  const first = yield* Effect.acquireRelease(bind(options.listen), () => Effect.sync(close));
  // A port that was picked stays the same when bound again.
  const again = { ...options.listen, port: first.address.port };

  const keepBound = Effect.gen(function* () {
    let { death } = first;
    let boundAtMs = yield* Clock.currentTimeMillis;
    let pause = yield* Schedule.toStepWithSleep(backoff);
    for (;;) {
      const error = yield* Deferred.await(death);
      onTrouble(error);
      if ((yield* Clock.currentTimeMillis) - boundAtMs >= recoveredMs) pause = yield* Schedule.toStepWithSleep(backoff);
      for (let bound = false; !bound; ) {
        yield* pause(error);
        const attempt = yield* Effect.result(bind(again));
        bound = Result.isSuccess(attempt);
        if (Result.isSuccess(attempt)) death = attempt.success.death;
        else onTrouble(attempt.failure);
      }
      boundAtMs = yield* Clock.currentTimeMillis;
    }
  });
  const keeper = yield* Effect.forkScoped(keepBound);

  return {
    address: first.address,
    get connections() {
      return scopes.size;
    },
    adopt,
    stop: Effect.andThen(Effect.sync(close), Fiber.interrupt(keeper)),
  };
});

function asTransportError(operation: 'accept' | 'listen', error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError(operation, 'other', 'other', error instanceof Error ? error.message : String(error));
}
