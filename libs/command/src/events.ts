// The answers of `next()`. Small integers, so that moving on allocates nothing.

export const CommandEvent = {
  /** Everything received has been used. */
  NeedData: 0,
  /** Server: a whole request is in `request`, its body in `data[dataStart, dataEnd)`, until the following `next()`. */
  Request: 1,
  /** Server: `maxInFlight` requests wait for replies; no further one is looked at before one of them has its reply. */
  Paused: 2,
  /** Client: the server takes requests. Comes once. */
  Greeting: 3,
  /** Client: a whole reply is in `reply`, its body in `data[dataStart, dataEnd)`, until the following `next()`. */
  Reply: 4,
  /** Client: a whole publication is in `publication`, its body in `data[dataStart, dataEnd)`, until the following `next()`. */
  Publication: 5,
  /** Client: the server ends the connection and says why: see `refusal`. Closed follows. */
  Refused: 6,
  /** No further message will be read on this connection. Whatever is still received is dropped. */
  Closed: 7,
  /** The peer broke the protocol or a limit: see `failure`. Nothing else follows, ever. */
  Failed: 8,
  /** Client: publications of a subscription are missing: see `gap`, until the following `next()`. */
  Gap: 9,
  /** Client: the server has said goodbye: see `goodbye`, until the following `next()`. Closed follows. */
  Goodbye: 10,
} as const;

export type CommandEventCode = (typeof CommandEvent)[keyof typeof CommandEvent];
