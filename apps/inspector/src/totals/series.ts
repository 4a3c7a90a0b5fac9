// Samples of counts as lines over time: what uPlot draws. Counts that only grow become rates between one sample and the next.

import type { TotalsSample } from '../api/documents.ts';

/** Kept: ten minutes, a sample a second. */
export const mostSamples = 600;

/** Times in seconds since 1970, then a column for each name. */
export interface Series {
  readonly names: readonly string[];
  readonly times: readonly number[];
  readonly columns: readonly (readonly number[])[];
}

export function withSample(samples: readonly TotalsSample[], sample: TotalsSample): TotalsSample[] {
  // A stream that has come back begins with the past again.
  const before = samples.filter(({ atMs }) => atMs < sample.atMs);
  return [...before.slice(-(mostSamples - 1)), sample];
}

/** How many connections there are in each phase. */
export function phaseSeries(samples: readonly TotalsSample[], names: readonly string[]): Series {
  return {
    names,
    times: samples.map(({ atMs }) => atMs / 1000),
    columns: names.map((name) => samples.map(({ byPhase }) => byPhase[name] ?? 0)),
  };
}

/** How many closed for each reason between one sample and the next, per second; the most frequent first, what is rare together. */
export function closeSeries(samples: readonly TotalsSample[], most: number): Series {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return { names: [], times: [], columns: [] };
  const count = (reason: string): number => (last.closes[reason] ?? 0) - (first.closes[reason] ?? 0);
  const reasons = Object.keys(last.closes)
    .filter((reason) => count(reason) > 0)
    .toSorted((one, other) => count(other) - count(one) || one.localeCompare(other));
  const [shown, rest] = reasons.length <= most ? [reasons, []] : [reasons.slice(0, most - 1), reasons.slice(most - 1)];
  const rates = (reason: string): number[] => ratesOf(samples, ({ closes }) => closes[reason] ?? 0);
  const columns = shown.map(rates);
  if (rest.length > 0) columns.push(rest.map(rates).reduce(sum));
  return { names: rest.length > 0 ? [...shown, 'other'] : shown, times: samples.slice(1).map(({ atMs }) => atMs / 1000), columns };
}

/** Growth per second from one sample to the next. A gateway that started again counts from 0: that is no negative rate. */
export function ratesOf(samples: readonly TotalsSample[], count: (sample: TotalsSample) => number): number[] {
  return samples.slice(1).map((sample, i) => {
    const before = samples[i];
    if (before === undefined) return 0;
    const seconds = Math.max(0.001, (sample.atMs - before.atMs) / 1000);
    return Math.max(0, count(sample) - count(before)) / seconds;
  });
}

/** The newest rate, over the last few seconds. */
export function latestRate(samples: readonly TotalsSample[], count: (sample: TotalsSample) => number, overSamples = 5): number {
  const recent = ratesOf(samples.slice(-(overSamples + 1)), count);
  return recent.length === 0 ? 0 : recent.reduce((one, other) => one + other, 0) / recent.length;
}

/** Each column with all before it added, for areas that stand on one another. */
export function stacked(columns: readonly (readonly number[])[]): number[][] {
  const sums: number[][] = [];
  for (const column of columns) sums.push(sums.length === 0 ? [...column] : sum(sums[sums.length - 1]!, column));
  return sums;
}

/** The mean of each run of `width`, so that rare events are seen rather than spikes. */
export function smoothed(column: readonly number[], width: number): number[] {
  let total = 0;
  return column.map((value, i) => {
    total += value - (i >= width ? (column[i - width] ?? 0) : 0);
    // What is left of sums and differences of fractions is no event.
    return total < 1e-9 ? 0 : total / Math.min(i + 1, width);
  });
}

function sum(one: readonly number[], other: readonly number[]): number[] {
  return one.map((value, i) => value + (other[i] ?? 0));
}
