// Time is an input: nothing in these libs reads a clock it was not given.

/** A monotonic clock. Never goes back; where it starts has no meaning. */
export interface Clock {
  /** Milliseconds, fractions allowed. */
  now(): number;
}
