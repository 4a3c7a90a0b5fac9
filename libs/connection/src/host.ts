// What a connection is given by whoever runs it: time, the turn queue, limits, and someone to tell. One host serves all
// connections of a listener, so that a connection holds a single reference to all of this.

import type { Pool } from '@sluice/brigade';
import type { Clock, TimingWheel } from '@sluice/timing';
import type { ConnectionEventType } from './chart.ts';
import type { Connection } from './connection.ts';
import type { CloseReason } from './reasons.ts';
import type { ChartState } from './steps.ts';
import type { TurnQueue } from './turn.ts';

/** Bounds on the bytes one connection may hold. */
export interface WindowSettings {
  /**
   * Outbound high-water mark: with this many bytes unsent the connection is `choked`, reading stops and
   * `writeAllowance()` is 0. One message may lie above it, so the cap is this plus the largest message.
   */
  readonly outboundBytes: number;
  /** Choked ends when no more than this is unsent. */
  readonly outboundLowBytes: number;
  /** Output reaching this much within one turn is handed to the transport at once instead of at the end of the turn. */
  readonly coalesceBytes: number;
}

/** In ms; 0 turns one off. */
export interface TimeoutSettings {
  /** From accept until the greeting is complete: the first request's head. */
  readonly handshakeTimeoutMs: number;
  /** From a request's first byte until its last, for the deadline that `awaitRequest` arms. */
  readonly requestTimeoutMs: number;
  /** Absolute cap on the connection's age. */
  readonly sustainTimeoutMs: number;
  /** For draining, or for delivering an error and the peer's FIN. While a peer takes the rest of its reply it begins anew. */
  readonly closeTimeoutMs: number;
}

/** Rate limits that each connection begins with, in bytes of the protocol (below TLS it is more); 0 for none. */
export interface ThrottleSettings {
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
}

/** Told about lifecycle, never about messages. */
export interface ConnectionObserver {
  /** The chart took a step. `from === to` where only actions ran. */
  onStep(connection: Connection, from: ChartState, to: ChartState, event: ConnectionEventType): void;
  /** An exception escaped from a session: the peer is told, and this is for the log. */
  onCrash(connection: Connection, error: unknown): void;
  /** The last word: the connection is closed and its session has ended. Release what hangs on it (the pool at least). */
  onClosed(connection: Connection, reason: CloseReason): void;
}

export interface ConnectionHost {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly turn: TurnQueue;
  readonly windows: WindowSettings;
  readonly timeouts: TimeoutSettings;
  readonly throttles: ThrottleSettings;
  readonly observer: ConnectionObserver;
  /** Parent of the connections' pools. */
  readonly pool: Pool;
}

export const defaultWindows: WindowSettings = {
  outboundBytes: 1024 * 1024,
  outboundLowBytes: 256 * 1024,
  coalesceBytes: 64 * 1024,
};

export const defaultTimeouts: TimeoutSettings = {
  handshakeTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  sustainTimeoutMs: 0,
  closeTimeoutMs: 10_000,
};

export const noThrottles: ThrottleSettings = { inBytesPerSecond: 0, outBytesPerSecond: 0 };
