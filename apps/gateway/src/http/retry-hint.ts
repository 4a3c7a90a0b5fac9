// When a client that the gateway sends away should come back: a base, and for each client another share of the jitter, so that they do not
// all come back at once.

export interface RetryHintSettings {
  readonly retryHintMs: number;
  readonly retryJitterMs: number;
}

/** Answers a hint in whole ms, from the base up to base and jitter together. `random` is 0 ≤ x < 1. */
export function retryHints({ retryHintMs, retryJitterMs }: RetryHintSettings, random: () => number): () => number {
  return () => retryHintMs + Math.floor(random() * (retryJitterMs + 1));
}
