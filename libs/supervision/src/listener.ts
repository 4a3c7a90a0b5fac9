// A listener under supervision. The first bind must succeed, or start-up fails with the transport's error; later, a
// listener that dies is bound again with jittered exponential backoff while its connections live on.

import type { Pool } from '@sluice/brigade';
import { Connection, type ConnectionHost, type Session, type TimeoutSettings, type WindowSettings } from '@sluice/connection';
import type { Endpoint, Listener, ListenOptions, PeerAddress, Transport, TransportError } from '@sluice/transport';
import * as Deferred from 'effect/Deferred';
import * as Effect from 'effect/Effect';
import * as Schedule from 'effect/Schedule';
import type * as Scope from 'effect/Scope';
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
  /** Over this many open connections in the registry a new one is refused with its protocol's answer (503). */
  readonly maxConnections: number;
  /** The session a new connection begins with. */
  readonly makeSession: (pool: Pool) => Session;
  /** Accepting failed, or the listener died and is bound again. */
  readonly onTrouble: (error: TransportError) => void;
}

export interface SupervisedListener {
  /** Where it listens; with port 0 the port that was picked. */
  readonly address: PeerAddress;
  readonly scopes: ConnectionScopes;
  /** Takes a socket accepted elsewhere, what was already read of it first. */
  adopt(endpoint: Endpoint, leftover?: Uint8Array): void;
  /** Stops accepting; connections live on. */
  readonly stop: Effect.Effect<void>;
}

const rebinding = Schedule.jittered(Schedule.max([Schedule.exponential('100 millis'), Schedule.spaced('100 millis')]));

export const superviseListener = Effect.fn('superviseListener')(function* (
  options: ListenerOptions,
): Effect.fn.Return<SupervisedListener, TransportError, EventLoop | Scope.Scope> {
  const loop = yield* EventLoop;
  const scopes = new ConnectionScopes(options.registry, yield* Effect.scope);
  const host: ConnectionHost = {
    clock: loop.clock,
    wheel: loop.wheel,
    turn: loop.turn,
    windows: options.windows,
    timeouts: options.timeouts,
    observer: scopes,
    pool: options.pool,
  };

  const adopt = (endpoint: Endpoint, leftover: Uint8Array | null = null): void => {
    const pool = options.pool.subpool();
    const connection = new Connection(endpoint, host, options.makeSession(pool), pool);
    const full = options.registry.size >= options.maxConnections;
    scopes.open(connection, leftover);
    if (full) connection.reject('overload');
  };

  let current: Listener;
  let stopping = false;
  const bind = (listen: ListenOptions, died: Deferred.Deferred<TransportError>) =>
    Effect.tryPromise({
      try: () =>
        options.transport.listen(listen, {
          onAccept: adopt,
          onError: options.onTrouble,
          onClose: (error) => {
            if (error !== null && !stopping) Deferred.doneUnsafe(died, Effect.succeed(error));
          },
        }),
      catch: (error) => error as TransportError,
    });

  const stop = Effect.sync(() => {
    stopping = true;
    current.close();
  });

  let died = yield* Deferred.make<TransportError>();
  current = yield* Effect.acquireRelease(bind(options.listen, died), () => stop);
  const address = current.address;

  // A port that was picked stays the same when bound again.
  const again = { ...options.listen, port: address.port };
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      for (;;) {
        options.onTrouble(yield* Deferred.await(died));
        died = yield* Deferred.make<TransportError>();
        current = yield* Effect.retry(
          Effect.tapError(bind(again, died), (error) => Effect.sync(() => options.onTrouble(error))),
          rebinding,
        );
        if (stopping) current.close();
      }
    }),
  );

  return { address, scopes, adopt, stop };
});
