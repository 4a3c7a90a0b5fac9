// The answers of `next()`. Small integers, so that moving on allocates nothing.

export const Http1Event = {
  /** Everything received has been used. */
  NeedData: 0,
  /** A message begins: `head` (`request` or `response`) is complete. */
  Head: 1,
  /** A piece of the body: `data[dataStart, dataEnd)`, lent until the following `next()`. */
  Data: 2,
  /** The message is complete; `trailers` has its trailer section, or null. Comes after every Head. */
  EndOfMessage: 3,
  /** Client: an interim response (1xx other than 101) is in `head`. The final one is still to come. */
  Interim: 4,
  /** Server: more requests are waiting, and none is looked at before the reply to the current one has been ended. */
  Paused: 5,
  /** The connection now belongs to another protocol: `takeLeftover()` has what came after. Nothing follows. */
  Upgrade: 6,
  /** No further message will be read on this connection. Whatever is still received is dropped. */
  Closed: 7,
  /** The peer broke the protocol or a limit: see `failure`. Nothing else follows, ever. */
  Failed: 8,
} as const;

export type Http1EventCode = (typeof Http1Event)[keyof typeof Http1Event];
