// The three things that can go wrong here: the caller's mistake, a promise that could not be kept, a source that lied.

/** The caller broke a rule of this lib: a double release, a use after destroy, an index that is not there. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a SENT mark is told when the bytes before it can no longer leave, and nobody gave a better reason. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';

  constructor(message = 'released before everything in front of it was sent') {
    super(message);
  }
}

/** A file turned out shorter than the bucket that refers to it. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError';
}

/** Runs all of them even if some throw: remembers what was thrown, and throws it when everything is done. */
export class Failures {
  private readonly errors: unknown[] = [];

  add(error: unknown): void {
    this.errors.push(error);
  }

  /** Throws the one error as it is, several as an `AggregateError`; nothing if there was none. */
  rethrow(what: string): void {
    if (this.errors.length === 0) return;
    if (this.errors.length === 1) throw this.errors[0];
    throw new AggregateError(this.errors, `${this.errors.length} failures while ${what}`);
  }
}
