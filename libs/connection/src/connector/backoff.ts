// How long to wait before the next round: exponential backoff with full jitter, so that clients which lost one server at the same moment
// do not come back at the same moment. A server that names a time is given at least that.

export interface BackoffSettings {
  /** The longest wait after the first failed round; it doubles with each further one. */
  readonly baseMs: number;
  /** The doubling ends here. */
  readonly capMs: number;
  /** A server's hint counts up to this. */
  readonly hintCapMs: number;
  /** A connection that lived this long ends the row of failures. */
  readonly stableAfterMs: number;
  /** So many failed rounds in a row, each over all addresses, are the last; 0 for no bound. */
  readonly maxFailedRounds: number;
}

export const defaultBackoff: BackoffSettings = {
  baseMs: 1000,
  capMs: 30_000,
  hintCapMs: 300_000,
  stableAfterMs: 10_000,
  maxFailedRounds: 0,
};

/**
 * The wait in ms after `failedRounds` (at least 1) in a row. `random` is in [0, 1). Behind a hint half of it at most is added, so that a
 * hint given to everyone does not bring everyone back at once.
 */
export function backoffDelayMs(settings: BackoffSettings, failedRounds: number, random: number, hintMs: number | null): number {
  const { baseMs, capMs, hintCapMs } = settings;
  const jitterMs = random * Math.min(capMs, baseMs * 2 ** (failedRounds - 1));
  if (hintMs === null || !(hintMs > 0)) return jitterMs;
  const waitMs = Math.min(hintMs, hintCapMs);
  return waitMs + Math.min(jitterMs, waitMs / 2);
}
