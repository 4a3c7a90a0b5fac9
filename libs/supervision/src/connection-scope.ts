// A scope per connection, under its listener's: closing the listener's scope closes every connection of it, and a connection
// that closes by itself closes its scope. Either way the pool goes last, and with it all the connection holds.

import type { Pool } from '@sluice/brigade';
import type { Connection, CloseReason, ConnectionObserver } from '@sluice/connection';
import type { ConnectionRegistry } from './registry.ts';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';

/** Runs what closing a scope comes to. Finalizers here are synchronous; one that waits goes on in a fiber of its own. */
export function closeScope(scope: Scope.Closeable): void {
  const rest = Scope.closeUnsafe(scope, Exit.void);
  if (rest !== undefined) Effect.runFork(rest);
}

/** The connections of one listener, each with its scope. */
export class ConnectionScopes implements ConnectionObserver {
  readonly #registry: ConnectionRegistry;
  readonly #parent: Scope.Scope;
  readonly #scopes = new Map<number, Scope.Closeable>();

  constructor(registry: ConnectionRegistry, parent: Scope.Scope) {
    this.#registry = registry;
    this.#parent = parent;
  }

  /** Gives the connection its scope, then starts it. */
  open(connection: Connection, leftover: Uint8Array | null = null): void {
    const scope = Scope.forkUnsafe(this.#parent);
    this.#scopes.set(connection.id, scope);
    // Finalizers run last first: the connection is ended before its pool goes.
    Effect.runSync(Scope.addFinalizer(scope, Effect.sync(() => connection.pool.destroy())));
    Effect.runSync(Scope.addFinalizer(scope, Effect.sync(() => connection.abort())));
    this.#registry.add(connection);
    connection.start(leftover);
  }

  /** A scope for one request or subscription, closed with the connection's at the latest. */
  fork(connection: Connection): Scope.Closeable {
    const scope = this.#scopes.get(connection.id);
    if (scope === undefined) throw new Error(`${connection.sessionId} has closed`);
    return Scope.forkUnsafe(scope);
  }

  onStep(): void {}

  onCrash(connection: Connection, error: unknown): void {
    this.#registry.onCrash(connection, error);
  }

  onClosed(connection: Connection, reason: CloseReason): void {
    this.#registry.remove(connection, reason);
    const scope = this.#scopes.get(connection.id);
    if (scope === undefined) return;
    this.#scopes.delete(connection.id);
    closeScope(scope);
  }
}

export type { Pool };
