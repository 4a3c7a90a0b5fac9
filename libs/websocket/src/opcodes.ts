// The small integers of the engine: opcodes as they stand on the wire (RFC 6455, section 5.2) and the codes `next()` answers.

/** Opcodes of RFC 6455, section 11.8. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const;

/** What a message can be: text (1) or binary (2). */
export type MessageOpcode = 1 | 2;

/** What an endpoint is in the opening handshake. A client masks what it sends, a server does not (section 5.1). */
export type Role = 'server' | 'client';

/** The answers of `WebSocketEngine.next()`. */
export const WebSocketEvent = {
  /** Everything received has been used. */
  NeedData: 0,
  /** A whole message: `opcode`, and `data[dataStart, dataEnd)`. */
  Message: 1,
  /** A ping; its pong stands in `controlOutput` already. The payload is `data[dataStart, dataEnd)`. */
  Ping: 2,
  /** A pong, asked for or not. The payload is `data[dataStart, dataEnd)`. */
  Pong: 3,
  /** The peer's close frame: `closeCode`, `closeReason`. Ours has been answered or was sent before. */
  Close: 4,
  /** Nothing more will come: after Close, or with `closeCode` 1006 when the peer left without one. Final. */
  Closed: 5,
  /** The peer broke the protocol; `failure` says how. Final. */
  Failed: 6,
} as const;

export type WebSocketEventCode = (typeof WebSocketEvent)[keyof typeof WebSocketEvent];
