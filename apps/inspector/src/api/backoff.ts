// How long to wait before the next attempt: doubling, capped, and jittered so that pages do not come back in step.

const firstMs = 500;
const longestMs = 8_000;

/** Before attempt number `attempt` (from 0): between half and all of the doubled time. `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(fullMs * (0.5 + random / 2));
}
