import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../src/index.ts';

/** Rounding of a few thousand additions. */
const slack = 1e-6;

/** How many takes succeed at once. */
function drain(bucket: TokenBucket, nowMs: number): number {
  let taken = 0;
  while (bucket.take(nowMs)) taken++;
  return taken;
}

const rate = fc.double({ min: 0.01, max: 1_000_000, noNaN: true });
const burst = fc.integer({ min: 1, max: 5000 });
/** Asking: so many at once, so long after the last. */
const plan = fc.array(fc.record({ waitMs: fc.double({ min: 0, max: 2000, noNaN: true }), asks: fc.nat({ max: 300 }) }), { maxLength: 60 });

describe('a token bucket', () => {
  it('lets a burst through at once, and then the rate', () => {
    const bucket = new TokenBucket(10, 5, 0);
    expect(drain(bucket, 0)).toBe(5);
    expect(bucket.waitMs(0)).toBe(100);
    expect(bucket.take(99)).toBe(false);
    expect(bucket.take(100)).toBe(true);
    expect(drain(bucket, 300)).toBe(2);
  });

  it('earns no more than the burst, however long nothing is taken', () => {
    const bucket = new TokenBucket(1000, 7, 0);
    drain(bucket, 0);
    expect(drain(bucket, 1e9)).toBe(7);
  });

  it('is full again exactly when all tokens are back', () => {
    const bucket = new TokenBucket(100, 10, 50);
    expect(bucket.isFull(50)).toBe(true);
    bucket.take(50);
    expect(bucket.isFull(59)).toBe(false);
    expect(bucket.isFull(60)).toBe(true);
  });

  it('lets no stretch of time have more than the burst and the rate', () => {
    fc.assert(
      fc.property(rate, burst, plan, (perSecond, size, steps) => {
        const bucket = new TokenBucket(perSecond, size, 0);
        const passed: { readonly at: number; readonly count: number }[] = [];
        let now = 0;
        for (const { waitMs, asks } of steps) {
          now += waitMs;
          let count = 0;
          for (let i = 0; i < asks; i++) if (bucket.take(now)) count++;
          passed.push({ at: now, count });
        }
        for (let from = 0; from < passed.length; from++) {
          let total = 0;
          for (let to = from; to < passed.length; to++) {
            total += passed[to].count;
            expect(total).toBeLessThanOrEqual(size + ((passed[to].at - passed[from].at) * perSecond) / 1000 + slack);
          }
        }
      }),
    );
  });

  it('refuses nobody who has been owed a token, whatever was refused in between', () => {
    fc.assert(
      fc.property(rate, burst, plan, (perSecond, size, steps) => {
        const bucket = new TokenBucket(perSecond, size, 0);
        let owed = size;
        let now = 0;
        for (const { waitMs, asks } of steps) {
          now += waitMs;
          owed = Math.min(size, owed + (waitMs * perSecond) / 1000);
          for (let i = 0; i < asks; i++) {
            const taken = bucket.take(now);
            if (owed >= 1 + slack) expect(taken).toBe(true);
            else if (owed < 1 - slack) expect(taken).toBe(false);
            if (taken) owed -= 1;
          }
        }
      }),
    );
  });

  it('says how long to wait: a take after that succeeds, one before does not', () => {
    fc.assert(
      fc.property(rate, burst, (perSecond, size) => {
        const bucket = new TokenBucket(perSecond, size, 0);
        drain(bucket, 0);
        const wait = bucket.waitMs(0);
        expect(bucket.take(wait * 0.999)).toBe(false);
        expect(bucket.take(wait * 1.001)).toBe(true);
      }),
    );
  });

  it('earns nothing from a clock that goes back', () => {
    const bucket = new TokenBucket(1000, 1, 1000);
    bucket.take(1000);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(1000)).toBe(false);
    expect(bucket.take(1001)).toBe(true);
  });

  it.each([
    [0, 1],
    [-1, 1],
    [NaN, 1],
    [Infinity, 1],
    [1, 0],
    [1, 1.5],
    [1, NaN],
  ])('refuses a rate of %d with a burst of %d', (perSecond, size) => {
    expect(() => new TokenBucket(perSecond, size, 0)).toThrow(RangeError);
  });
});
