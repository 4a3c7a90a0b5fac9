// The way in: endpoints become connections, each under a scope of its own, or are told why they do not. A listener has one for what it
// accepts; an intake without a listener takes sockets that something else accepted.
//
// A connection that is not let in is started all the same, to get its protocol's answer (503, 429), but takes nobody's place.

import type { Pool } from '@sluice/brigade';
import {
  Connection,
  noThrottles,
  type CloseReason,
  type ConnectionHost,
  type Session,
  type ThrottleSettings,
  type TimeoutSettings,
  type WindowSettings,
} from '@sluice/connection';
import { TransportError, type Endpoint, type PeerAddress } from '@sluice/transport';
import * as Effect from 'effect/Effect';
import * as Scope from 'effect/Scope';
import { ConnectionScopes, type LifeObserver } from './connection-scope.ts';
import { EventLoop } from './event-loop.ts';
import type { ConnectionRegistry } from './registry.ts';

export interface IntakeOptions {
  readonly registry: ConnectionRegistry;
  readonly windows: WindowSettings;
  readonly timeouts: TimeoutSettings;
  /** What a connection begins with. Default: none. */
  readonly throttles?: ThrottleSettings;
  /** Parent of the connections' pools. */
  readonly pool: Pool;
  /** With this many connections let in by the registry's listeners a further one gets its protocol's refusal (503). */
  readonly maxConnections: number;
  /**
   * Judges a peer before anything is made for it. True lets it in; a reason turns it away with its protocol's answer, false stands
   * for `rateLimited` (429). Called for adopted sockets too. Default: everybody may come.
   */
  readonly admitPeer?: (peer: PeerAddress) => boolean | CloseReason;
  /** The session a new connection begins with. */
  readonly makeSession: (pool: Pool) => Session;
  /** A connection could not be begun: its peer was closed. */
  readonly onTrouble: (error: TransportError) => void;
  /** Told of the connections' lives. Default: nobody. */
  readonly observer?: LifeObserver;
}

export interface Intake {
  /** Open connections that came this way. */
  readonly connections: number;
  /** Peers that were closed without a word since the start: there were too many to be told, or TLS would have had to come first. */
  readonly cutOff: number;
  /** What later connections begin with; those that are open keep what they have. */
  throttles: ThrottleSettings;
  /** Takes a socket accepted elsewhere, what was already read of it first. Whatever goes wrong, the socket is closed. */
  adopt(endpoint: Endpoint, leftover?: Uint8Array): void;
}

/** So many peers at a time are told that there is no room; those beyond are cut off. */
export const maxRefusals = 1024;

/** When the scope closes, so do the connections, and nobody is taken any more. */
export const superviseIntake = Effect.fn('superviseIntake')(function* (
  options: IntakeOptions,
): Effect.fn.Return<Intake, never, EventLoop | Scope.Scope> {
  const { clock, wheel, turn } = yield* EventLoop;
  const { registry, windows, timeouts, pool, admitPeer, maxConnections, makeSession, onTrouble } = options;
  const scopes = new ConnectionScopes(registry, yield* Scope.fork(yield* Effect.scope), options.observer);
  let throttles = options.throttles ?? noThrottles;
  let cutOff = 0;
  const host: ConnectionHost = {
    clock,
    wheel,
    turn,
    windows,
    timeouts,
    get throttles() {
      return throttles;
    },
    observer: scopes,
    pool,
  };
  /** Why a peer is not let in, or null. Room is looked at first: who is turned away for want of it uses up no rate. */
  const refusalOf = (endpoint: Endpoint): CloseReason | null => {
    if (registry.admitted >= maxConnections) return 'overload';
    const verdict = admitPeer === undefined || admitPeer(endpoint.peer);
    return verdict === true ? null : verdict === false ? 'rateLimited' : verdict;
  };
  return {
    get connections() {
      return scopes.size;
    },
    get cutOff() {
      return cutOff;
    },
    get throttles() {
      return throttles;
    },
    set throttles(next) {
      throttles = next;
    },
    adopt: (endpoint, leftover) => {
      let connectionPool: Pool | null = null;
      let connection: Connection;
      let refusal: CloseReason | null;
      try {
        refusal = scopes.isClosed ? null : refusalOf(endpoint);
        if (scopes.isClosed || (refusal !== null && !mayBeTold(endpoint, refusal, registry))) {
          cutOff++;
          endpoint.close();
          return;
        }
        connectionPool = pool.subpool();
        connection = new Connection(endpoint, host, makeSession(connectionPool), connectionPool);
      } catch (error) {
        connectionPool?.destroy();
        endpoint.close();
        onTrouble(asTransportError('accept', error));
        return;
      }
      if (refusal === null) scopes.open(connection, leftover);
      else scopes.turnAway(connection, refusal);
    },
  };
});

/**
 * Whether a peer that is not let in is told so. Of those that come too fast, a TLS peer is not: a handshake, for nothing but that answer,
 * is what the rate is to save.
 */
function mayBeTold({ secureSession }: Endpoint, refusal: CloseReason, registry: ConnectionRegistry): boolean {
  return registry.refused < maxRefusals && (refusal === 'overload' || secureSession !== null);
}

export function asTransportError(operation: 'accept' | 'listen', error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError(operation, 'other', 'other', error instanceof Error ? error.message : String(error));
}
