// A scope per connection, under its listener's: closing the listener's scope closes every connection of it, last opened first,
// and a connection that closes by itself closes its scope. Either way the pool goes last, and with it all the connection holds.

import type { ChartState, CloseReason, Connection, ConnectionEventType, ConnectionObserver } from '@sluice/connection';
import type { ConnectionRegistry } from './registry.ts';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';

/** Told of the lives of one listener's connections, for a recorder or an inspector. Never throws. */
export interface LifeObserver {
  /** The connection is about to start. */
  onOpen(connection: Connection): void;
  /** The chart took a step. */
  onStep(connection: Connection, from: ChartState, to: ChartState, event: ConnectionEventType): void;
  /** The connection has closed; what it moved can still be read. */
  onClosed(connection: Connection, reason: CloseReason): void;
}

/** The connections of one listener, each with its scope. */
export class ConnectionScopes implements ConnectionObserver {
  readonly #registry: ConnectionRegistry;
  readonly #parent: Scope.Scope;
  readonly #observer: LifeObserver | null;
  readonly #scopes = new Map<number, Scope.Closeable>();

  constructor(registry: ConnectionRegistry, parent: Scope.Scope, observer: LifeObserver | null = null) {
    this.#registry = registry;
    this.#parent = parent;
    this.#observer = observer;
  }

  /** Open connections of this listener. */
  get size(): number {
    return this.#scopes.size;
  }

  /** The listener's scope has ended: no connection can be opened under it any more. */
  get isClosed(): boolean {
    return this.#parent.state._tag === 'Closed';
  }

  /** Gives the connection its scope, then starts it. */
  open(connection: Connection, leftover: Uint8Array | null = null): void {
    this.#admit(connection);
    this.#registry.add(connection);
    this.#observer?.onOpen(connection);
    connection.start(leftover);
  }

  /** Starts the connection only to tell its peer why it is not let in. It does not count as one that was. */
  turnAway(connection: Connection, reason: CloseReason): void {
    this.#admit(connection);
    this.#registry.addRefused(connection);
    this.#observer?.onOpen(connection);
    connection.start();
    connection.reject(reason);
  }

  onStep(connection: Connection, from: ChartState, to: ChartState, event: ConnectionEventType): void {
    this.#observer?.onStep(connection, from, to, event);
  }

  onCrash(connection: Connection, error: unknown): void {
    this.#registry.onCrash(connection, error);
  }

  onClosed(connection: Connection, reason: CloseReason): void {
    const scope = this.#scopes.get(connection.id);
    this.#scopes.delete(connection.id);
    try {
      this.#observer?.onClosed(connection, reason);
      this.#registry.remove(connection, reason);
    } finally {
      if (scope !== undefined) close(scope);
    }
  }

  /** One finalizer does both, in order: two would cost each idle connection another 400 bytes. */
  #admit(connection: Connection): void {
    const scope = Scope.forkUnsafe(this.#parent);
    this.#scopes.set(connection.id, scope);
    const release = (): void => {
      try {
        connection.abort();
        connection.pool.destroy();
      } catch (error) {
        this.#registry.onCrash(connection, error);
      }
    };
    Effect.runSync(Scope.addFinalizer(scope, Effect.sync(release)));
  }
}

/** The finalizer is synchronous, and so is this. */
function close(scope: Scope.Closeable): void {
  const release = Scope.closeUnsafe(scope, Exit.void);
  if (release !== undefined) Effect.runSync(release);
}
