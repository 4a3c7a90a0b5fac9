// A session is what a protocol means: it owns an engine, takes its events one step at a time, and writes to its output.
// The driver lends it bytes and decides when it may step; upgrading is handing the connection to another session.

import type { Brigade } from '@sluice/brigade';
import type { SecureSession } from '@sluice/transport';
import type { Connection } from './connection.ts';
import type { CloseReason } from './reasons.ts';

/** What one step of a session came to. */
export const StepResult = {
  /** All received bytes are used up. */
  NeedData: 0,
  /** One event was handled; there may be more. */
  Again: 1,
  /** The session waits for its own work (a reply in progress) and will call `connection.unblock()`. Bytes at hand stay. */
  Blocked: 2,
} as const;
export type StepResult = (typeof StepResult)[keyof typeof StepResult];

export interface Session {
  /** The protocol's name, as metrics and logs show it: `http`, `websocket`, `sse`. */
  readonly protocol: string;
  /** Where the session's output is made; the driver moves it to the transport. */
  readonly output: Brigade;
  /** Control frames: they leave before what `output` has queued. Null for a protocol that has none. */
  readonly controlOutput: Brigade | null;
  /** Bytes the session holds unread or half assembled. */
  readonly heldBytes: number;
  /** Silence of the peer, in ms, after which `probe` is asked; 0 for never. */
  readonly idleTimeoutMs: number;

  /** The connection is this session's from now on. */
  attach(connection: Connection): void;
  /**
   * The endpoint encrypts, and its handshake is complete: called once, before any byte of the peer. The session may judge the peer
   * here and fail the connection. On a clear endpoint (`connection.endpoint.secureSession` is absent) it never comes.
   */
  onSecure?(secure: SecureSession): void;
  /** Lends bytes; only called when the last step answered `NeedData`. */
  receive(bytes: Uint8Array, start: number, end: number): void;
  /** The peer has sent FIN. Called once. */
  receiveEnd(): void;
  /** Handles the next event. */
  step(): StepResult;
  /**
   * Of a session with control frames: `output` is about to be cut at byte `cut`, and a frame begins at byte `start` (up to `cut`).
   * Answers how many bytes behind the cut belong to the frame that is cut: only behind those can control frames go. Called for
   * throttled connections only. Without it control frames wait for everything that is queued when output is cut.
   */
  cutFrameBytes?(start: number, cut: number): number;
  /** The bytes lent are about to be reused: keep a copy of what is unread. */
  setaside(): void;
  /** The peer has taken enough that there is room again. */
  onWritable(): void;
  /** Begin nothing new, say the protocol's goodbye, and call `connection.done()` once nothing is left to do. */
  drain(reason: CloseReason): void;
  /** Queue the answer the peer is owed before the connection is closed for this reason. Called at most once. */
  refuse(reason: CloseReason): void;
  /**
   * Nothing came for the idle time. True: the peer has been asked for a sign of life and gets another round.
   * False: there is no way to ask, or it was asked already.
   */
  probe(): boolean;
  /** Over: let go of everything. The last call. */
  end(reason: CloseReason): void;
}
