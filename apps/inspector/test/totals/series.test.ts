import { describe, expect, it } from 'vitest';
import type { TotalsSample } from '../../src/api/documents.ts';
import { closeSeries, latestRate, mostSamples, phaseSeries, ratesOf, smoothed, stacked, withSample } from '../../src/totals/series.ts';

const sample = (second: number, more: Partial<TotalsSample> = {}): TotalsSample => ({
  atMs: second * 1000,
  byPhase: {},
  byProtocol: {},
  closes: {},
  opened: 0,
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  messagesOut: 0,
  loopDelayP99Ms: 0,
  rssBytes: 0,
  ...more,
});

describe('samples', () => {
  it('are kept for ten minutes', () => {
    let samples: TotalsSample[] = [];
    for (let second = 0; second < mostSamples + 5; second++) samples = withSample(samples, sample(second));
    expect(samples).toHaveLength(mostSamples);
    expect(samples[0]?.atMs).toBe(5000);
  });

  it('of a past that is told again are there once', () => {
    expect(withSample([sample(1), sample(2), sample(3)], sample(2)).map(({ atMs }) => atMs)).toEqual([1000, 2000]);
  });
});

describe('series', () => {
  it('count phases', () => {
    expect(phaseSeries([sample(1, { byPhase: { a: 2 } }), sample(2, { byPhase: { a: 1, b: 4 } })], ['a', 'b'])).toEqual({ names: ['a', 'b'], times: [1, 2], columns: [[2, 1], [0, 4]] });
  });

  it('make rates of closes, the most frequent first, the rest together', () => {
    const samples = [sample(0), sample(1, { closes: { a: 1, b: 5, c: 2, d: 1 } }), sample(3, { closes: { a: 1, b: 9, c: 2, d: 3 } })];
    expect(closeSeries(samples, 3)).toEqual({ names: ['b', 'd', 'other'], times: [1, 3], columns: [[5, 2], [1, 1], [3, 0]] });
    expect(closeSeries(samples, 9).names).toEqual(['b', 'd', 'c', 'a']);
    expect(closeSeries([], 3).names).toEqual([]);
  });

  it('a gateway that started again has no negative rates', () => {
    expect(ratesOf([sample(0, { opened: 100 }), sample(1, { opened: 3 }), sample(2, { opened: 5 })], ({ opened }) => opened)).toEqual([0, 2]);
  });

  it('the latest rate is over a few seconds', () => {
    const samples = Array.from({ length: 20 }, (_, i) => sample(i, { opened: i < 15 ? 0 : (i - 14) * 10 }));
    expect(latestRate(samples, ({ opened }) => opened)).toBe(10);
    expect(latestRate([], ({ opened }) => opened)).toBe(0);
  });

  it('stand on one another', () => expect(stacked([[1, 2], [3, 4], [5, 6]])).toEqual([[1, 2], [4, 6], [9, 12]]));

  it('are smoothed, and quiet is exactly 0', () => {
    expect(smoothed([4, 0, 2, 0], 2)).toEqual([4, 2, 1, 1]);
    expect(smoothed([0.1, 0.2, 0.3, 0, 0, 0], 3).at(-1)).toBe(0);
  });
});
