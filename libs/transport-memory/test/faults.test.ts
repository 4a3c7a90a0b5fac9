import { describe, expect, it } from 'vitest';
import { breakingFaults, harmlessFaults, Random } from '../src/index.ts';

const plans = (plan: typeof harmlessFaults) => Array.from({ length: 400 }, (_, seed) => plan(0, 'toServer', new Random(seed)));

describe('fault plans', () => {
  it('are the same for the same random numbers', () => {
    expect(plans(harmlessFaults)).toEqual(plans(harmlessFaults));
    expect(plans(breakingFaults(100))).toEqual(plans(breakingFaults(100)));
  });

  it('that are harmless never break, and use every other fault', () => {
    const chosen = plans(harmlessFaults);
    expect(chosen.some((faults) => faults.resetAtByte !== undefined || faults.endAtByte !== undefined)).toBe(false);
    for (const key of ['latencyMs', 'jitterMs', 'stallChance', 'largestRead', 'largestWrite', 'readDelayMs'] as const) {
      expect(chosen.some((faults) => (faults[key] ?? 0) > 0), key).toBe(true);
    }
  });

  it('that break do it about as often as asked, within the bytes given', () => {
    const breaking = plans(breakingFaults(100, 0.5)).map((faults) => faults.resetAtByte ?? faults.endAtByte).filter((at) => at !== undefined);
    expect(Math.abs(breaking.length - 200)).toBeLessThan(50);
    expect(Math.max(...breaking)).toBeLessThanOrEqual(100);
  });
});
