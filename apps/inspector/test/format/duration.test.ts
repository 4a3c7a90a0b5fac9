import { describe, expect, it } from 'vitest';
import { formatDuration, formatOffset, formatTime } from '../../src/format/duration.ts';

describe('durations', () => {
  it.each([
    [-3, '0 ms'],
    [340.4, '340 ms'],
    [999.6, '1.0 s'],
    [7_240, '7.2 s'],
    [59_960, '1 min 00 s'],
    [119_700, '2 min 00 s'],
    [729_000, '12 min 09 s'],
    [3_599_600, '1 h 00 min'],
    [7_500_000, '2 h 05 min'],
    [86_399_999, '1 d 0 h'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('the time of a step', () => {
  it.each([
    [0, '0:00.000'],
    [61_043.4, '1:01.043'],
    [3_661_007, '1:01:01.007'],
  ])('%d ms is %s', (ms, text) => expect(formatOffset(ms)).toBe(text));
});

it('a point of time is in the zone of who looks', () => {
  expect(formatTime(new Date(2026, 4, 3, 4, 5, 6).getTime())).toBe('04:05:06');
});
