import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Throttle } from '../src/index.ts';

const KIB = 1024;

/** Moves `size` bytes through the throttle in pieces, waking exactly when told (plus `lateMs`). */
function transfer(size: number, bytesPerSecond: number, piece: number, lateMs = 0) {
  const throttle = new Throttle(bytesPerSecond, 0);
  const chunks: number[] = [];
  const pauses: number[] = [];
  let now = 0;
  let left = size;
  while (left > 0) {
    let chunk = 0;
    for (let allowed = throttle.allowance(now); allowed > 0 && left > 0; allowed = throttle.allowance(now)) {
      const bytes = Math.min(allowed, piece, left);
      throttle.spend(bytes, now);
      chunk += bytes;
      left -= bytes;
    }
    chunks.push(chunk);
    if (left > 0) {
      expect(throttle.resumeAt).toBeGreaterThan(now);
      const wake = throttle.resumeAt + lateMs;
      pauses.push(wake - now);
      now = wake;
    }
  }
  return { elapsedMs: now, chunks, pauses };
}

describe('a steady transfer', () => {
  it.each([
    ['whole chunks', 1e9, 0],
    ['TCP segments', 1448, 0],
    ['64 KiB reads', 64 * KIB, 0],
    ['a late event loop', 16 * KIB, 30],
  ])('moves 1 MiB at 100 KiB/s in 10 s within 10 percent, in chunks that are not tiny: %s', (_, piece, lateMs) => {
    const { elapsedMs, chunks } = transfer(1024 * KIB, 100 * KIB, piece, lateMs);
    expect(elapsedMs).toBeGreaterThan(9000);
    expect(elapsedMs).toBeLessThan(11_000);
    for (const chunk of chunks.slice(0, -1)) expect(chunk).toBeGreaterThanOrEqual(0.07 * 100 * KIB);
  });

  it('pauses no less than 200 ms where there was credit', () => {
    const { pauses } = transfer(1024 * KIB, 100 * KIB, 1448, 20);
    // Each wake-up is 20 ms late, so each round but none begins with credit.
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(200);
  });

  it('lets no interval exceed the rate by more than the window and the overshoot', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(fc.record({ wait: fc.nat(3000), want: fc.nat(100_000) }), { maxLength: 60 }),
        (rate, plan) => {
          const throttle = new Throttle(rate, 0);
          const moved: { at: number; bytes: number }[] = [];
          let now = 0;
          for (const { wait, want } of plan) {
            now += wait;
            const bytes = Math.min(want, throttle.allowance(now));
            if (bytes === 0) continue;
            throttle.spend(bytes, now);
            moved.push({ at: now, bytes });
          }
          for (let from = 0; from < moved.length; from++) {
            let total = 0;
            for (let to = from; to < moved.length; to++) {
              total += moved[to].bytes;
              const seconds = (moved[to].at - moved[from].at) / 1000;
              // One byte may always pass, however small the rate.
              expect(total).toBeLessThanOrEqual(rate * (seconds + 1.25 + 0.25) + 2);
            }
          }
        },
      ),
    );
  });
});

describe('a connection that was quiet', () => {
  it('starts afresh after a second: no burst beyond the overshoot', () => {
    const throttle = new Throttle(100 * KIB, 0);
    throttle.spend(1000, 0);
    expect(throttle.allowance(60_000)).toBe(25 * KIB);
    throttle.spend(25 * KIB, 60_000);
    expect(throttle.allowance(60_000)).toBe(0);
    expect(throttle.resumeAt).toBe(60_250);
  });

  it('keeps what it owes: a read far over the allowance suspends for as long as it takes', () => {
    const throttle = new Throttle(1000, 0);
    throttle.spend(10_000, 0);
    expect(throttle.resumeAt).toBe(10_000);
    expect(throttle.allowance(9999)).toBe(0);
    expect(throttle.allowance(10_000)).toBe(125);
  });

  it('earns at most one window of credit by trickling', () => {
    const throttle = new Throttle(1000, 0);
    for (let now = 0; now <= 30_000; now += 900) throttle.spend(1, now);
    expect(throttle.allowance(30_600)).toBeLessThanOrEqual(1250);
  });
});

describe('rates', () => {
  it('of one byte a second still move', () => {
    const { elapsedMs } = transfer(10, 1, 1e9);
    expect(elapsedMs).toBe(9000);
  });

  it.each([0, -1, NaN, Infinity])('refuses %d', (rate) => {
    expect(() => new Throttle(rate, 0)).toThrow(RangeError);
  });
});

describe('another rate', () => {
  it('that is higher pays back at the new rate what was moved ahead of time', () => {
    const throttle = new Throttle(1000, 0);
    throttle.spend(2000, 0);
    expect(throttle.resumeAt).toBe(2000);
    throttle.setRate(4000, 1000);
    expect(throttle.bytesPerSecond).toBe(4000);
    expect(throttle.resumeAt).toBe(1250);
    expect(throttle.allowance(1249)).toBe(0);
    expect(throttle.allowance(1250)).toBe(500);
  });

  it('that is lower makes no pause longer, and none when nothing is owed', () => {
    const throttle = new Throttle(1000, 0);
    throttle.spend(500, 0);
    throttle.setRate(100, 100);
    expect(throttle.resumeAt).toBe(500);
    expect(throttle.allowance(499)).toBe(0);
    expect(throttle.allowance(500)).toBeGreaterThanOrEqual(12);
    const fresh = new Throttle(1000, 0);
    fresh.setRate(100, 0);
    expect(fresh.allowance(0)).toBe(25);
  });

  it('lets no credit of a higher rate become a burst', () => {
    const throttle = new Throttle(100_000, 0);
    throttle.spend(1, 0);
    throttle.setRate(100, 1000);
    expect(throttle.allowance(1000)).toBeLessThanOrEqual(125);
  });

  it.each([0, -1, NaN, Infinity])('is not %d', (rate) => {
    const throttle = new Throttle(1000, 0);
    expect(() => throttle.setRate(rate, 0)).toThrow(RangeError);
    expect(throttle.bytesPerSecond).toBe(1000);
  });
});
