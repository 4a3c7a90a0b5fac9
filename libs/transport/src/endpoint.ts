// The contract between a transport and a connection: an endpoint moves bytes both ways and knows nothing else.
//
// Reading is lent, writing is moved: bytes handed to `onBytes` are the endpoint's own and valid only during the call;
// a brigade handed to `write` is emptied into the endpoint, which releases each bucket when it has left.
// Every callback, a SENT mark's too, comes from the event loop, never from inside `write`, `setReading`, `shutdown`, `close`
// or `abort`. Once an endpoint is closed all of these do nothing, except that `write` still releases what it is given.

import type { Brigade } from '@sluice/brigade';
import type { TransportError } from './errors.ts';
import type { SecureSession } from './security.ts';

export interface PeerAddress {
  /** Textual IP address without brackets, or a transport's own name for it (`memory`). */
  readonly host: string;
  readonly port: number;
}

/** What an endpoint tells its owner. `onClose` is always the last call, and always comes. */
export interface EndpointSink {
  /**
   * Of an endpoint that encrypts: its handshake is complete. Comes once, before the first byte, also when that byte arrived together
   * with the end of the handshake; the owner may stop reading, close or abort in it.
   */
  onSecure?(session: SecureSession): void;
  /** Bytes arrived: `bytes[start, end)`, borrowed until this call returns. The callee may change them in place. */
  onBytes(bytes: Uint8Array, start: number, end: number): void;
  /** The peer has sent FIN: no bytes will follow. Writing is still possible. */
  onEnd(): void;
  /**
   * Output made progress after `write` had left something queued; `queuedBytes` has the new amount.
   * Comes at least once when it reaches 0.
   */
  onProgress(): void;
  /** Gone, and nothing is held any more. `null` after an orderly end of both directions or after our `close`/`abort`. */
  onClose(error: TransportError | null): void;
}

export interface Endpoint {
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  /** Where a proxy has named the peer (PROXY protocol): the proxy's own address, which is what the socket is connected to. */
  readonly via?: PeerAddress | undefined;
  /** Of an endpoint that encrypts: what was agreed on; `null` until the handshake is complete. Absent where bytes go in the clear. */
  readonly secureSession?: SecureSession | null;
  /** Bytes of known length accepted by `write` that have not been handed to the peer's side (the kernel) yet. 0 once closed. */
  readonly queuedBytes: number;
  /** Totals over the endpoint's life. While it lives, `bytesOut + queuedBytes` is all that was ever written. */
  readonly bytesIn: number;
  readonly bytesOut: number;

  /** Attaches the owner. Called once, before anything else; reading is off until `setReading(true)`. */
  attach(sink: EndpointSink): void;
  /** Wants bytes or not. `false` works at once: no `onBytes` and no `onEnd` follows, even when called inside `onBytes`. */
  setReading(wanted: boolean): void;
  /**
   * Moves all buckets of the brigade out of it. The endpoint writes what the peer takes now and queues the rest in order.
   * Marks are honoured in place: SENT runs once everything before it has been handed over (with an error if it never
   * can be), FLUSH is a hint, EOS is ignored. A file that ends before its bucket does fails the endpoint (`sourceFailed`).
   * After `shutdown`, `close`, `abort` or a failure the buckets are released, and SENT marks told so.
   */
  write(brigade: Brigade): void;
  /** FIN after everything queued. Reading goes on. */
  shutdown(): void;
  /** Drops what is queued and closes (FIN or RST, as the platform decides). `onClose(null)` follows. */
  close(): void;
  /** Drops what is queued and resets the connection (RST). `onClose(null)` follows. */
  abort(): void;
}
