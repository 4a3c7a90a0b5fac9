import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorRecording } from '../../src/api/documents.ts';
import { momentAt, mostSteps, timelineOf, withRecording, withStep, withStream, type Step } from '../../src/timeline/timeline.ts';

/** Step number `n` (from 0) of a connection whose every step is another. */
const step = (n: number): Step => ({ atMs: n * 10, event: `E${n}`, state: `s${n + 1}` });
const steps = (from: number, to: number): Step[] => Array.from({ length: to - from }, (_, i) => step(from + i));
const recording = (from: number, to: number): ActorRecording => ({
  sessionId: 'connection:1',
  chart: 'connection',
  chartHash: '',
  start: `s${from}`,
  lostSteps: from,
  steps: steps(from, to),
  ending: null,
});

describe('a position', () => {
  const timeline = timelineOf(recording(0, 3));
  it('0 is the state the steps begin in', () => expect(momentAt(timeline, 0)).toEqual({ state: 's0', from: null, event: null, atMs: 0 }));
  it('n is after the nth step', () => {
    expect(momentAt(timeline, 1)).toEqual({ state: 's1', from: 's0', event: 'E0', atMs: 0 });
    expect(momentAt(timeline, 3)).toEqual({ state: 's3', from: 's2', event: 'E2', atMs: 20 });
  });
  it('beyond the end is the end', () => expect(momentAt(timeline, 99)).toEqual(momentAt(timeline, 3)));
});

describe('recording and stream together', () => {
  it('hold each step once, whenever the recording was taken', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(20), fc.nat(20), fc.nat(20), (lost, recorded, shared, later) => {
        const end = lost + recorded + shared;
        const streamed = steps(end - Math.min(shared, recorded + shared), end + later);
        const joined = withStream(timelineOf(recording(lost, end)), streamed);
        expect(joined.steps).toEqual(steps(lost, end + later));
      }),
    );
  });

  it('a stream that shares nothing is added', () => {
    expect(withStream(timelineOf(recording(0, 2)), steps(2, 4)).steps).toEqual(steps(0, 4));
  });
});

describe('a later recording', () => {
  it('is put behind what is known, each step once', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 24 }), fc.nat(24), (from, length, later) => {
        const known = timelineOf(recording(from, from + length));
        const start = Math.min(from + length, from + later);
        const joined = withRecording(known, recording(start, from + length + later));
        expect(joined.before + joined.steps.length).toBe(from + length + later);
        expect(joined.steps).toEqual(steps(joined.before, from + length + later));
      }),
    );
  });

  it('that begins later shows that steps are missing', () => {
    const joined = withRecording(timelineOf(recording(0, 3)), recording(10, 12));
    expect(joined.steps).toEqual([...steps(0, 3), { atMs: 100, event: null, state: 's10' }, ...steps(10, 12)]);
    expect(joined.before + joined.steps.length).toBe(12);
  });

  it('is all there is when nothing was known', () => {
    expect(withRecording(null, recording(5, 7))).toEqual(timelineOf(recording(5, 7)));
  });
});

it('of a long life the oldest steps go, and where they began moves', () => {
  let timeline = timelineOf(recording(0, 1));
  for (let n = 1; n < mostSteps + 3; n++) timeline = withStep(timeline, step(n));
  expect(timeline.steps).toHaveLength(mostSteps);
  expect(timeline.before).toBe(3);
  expect(timeline.start).toBe('s3');
  expect(momentAt(timeline, 1)).toMatchObject({ from: 's3', event: 'E3', state: 's4' });
});
