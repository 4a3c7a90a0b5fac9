// What the engine needs of a deflate implementation (RFC 1951, raw), which is passed in so that the engine imports none.
// Calls are synchronous. An array they return belongs to the caller: the implementation neither writes to it again nor returns it again,
// so it may be the input of any later call, as in an echo.

/** The agreed parameters of permessage-deflate (RFC 7692, section 7.1). */
export interface DeflateParameters {
  /** The server begins every message with an empty window. */
  readonly serverNoContextTakeover: boolean;
  /** The client begins every message with an empty window. */
  readonly clientNoContextTakeover: boolean;
  /** Base-2 logarithm of the window the server compresses with: 8–15. */
  readonly serverMaxWindowBits: number;
  /** Base-2 logarithm of the window the client compresses with: 8–15. */
  readonly clientMaxWindowBits: number;
}

export interface Deflater {
  /**
   * Compresses `bytes[start, end)` as the next piece of a message and flushes (Z_SYNC_FLUSH). With `endOfMessage` the answer lacks
   * the flush's last four bytes, 00 00 FF FF (RFC 7692, section 7.2.1), and is at least one byte long.
   */
  compress(bytes: Uint8Array, start: number, end: number, endOfMessage: boolean): Uint8Array;
  /** Empties the window. */
  reset(): void;
  /** Lets go of it. A factory may keep it, reset, for the next caller. */
  close(): void;
}

export interface Inflater {
  /**
   * Inflates `bytes[start, end)` as the next piece of a message, and with `endOfMessage` the four bytes 00 00 FF FF after it
   * (RFC 7692, section 7.2.2). Answers all output there is so far; `tooLarge` if that is over `limit` bytes, before more than that is in
   * memory; `corrupt` if it is no deflate stream. After a final block (BFINAL) the rest is read as a new stream.
   */
  inflate(bytes: Uint8Array, start: number, end: number, endOfMessage: boolean, limit: number): Uint8Array | 'tooLarge' | 'corrupt';
  /** Empties the window. */
  reset(): void;
  /** Lets go of it. A factory may keep it, reset, for the next caller. */
  close(): void;
}

/**
 * Makes deflaters and inflaters. Where the agreement is no context takeover, the engine takes one for a message and closes it after
 * that, so a factory that keeps a few closed ones lets thousands of connections share them.
 */
export interface DeflateFactory {
  /** The smallest window that `deflater` can keep to; zlib has 9. */
  readonly minWindowBits: number;
  deflater(options: { readonly windowBits: number; readonly level: number }): Deflater;
  inflater(options: { readonly windowBits: number }): Inflater;
}

/** Turns compression on in an engine: what the handshake agreed on, and how to do it. */
export interface DeflateSettings {
  readonly factory: DeflateFactory;
  readonly parameters: DeflateParameters;
  /** zlib's level, 1 (fast) to 9. Default 6. */
  readonly level?: number;
  /** Messages shorter than this are sent as they are. Default 1024 bytes. */
  readonly thresholdBytes?: number;
}
