import { expect, it } from 'vitest';
import { LoopDelay, loopDelayBounds } from '../../src/admin/loop-delay.ts';

it('counts observations cumulatively, so that two scrapes give the window between them', () => {
  const delay = new LoopDelay(() => 0);
  delay.observe(0.0005);
  delay.observe(0.3);
  const before = delay.snapshot();
  delay.observe(20);
  delay.observe(-1);
  const after = delay.snapshot();
  const upTo = (bound: number) => [before, after].map(({ buckets }) => buckets.find(([each]) => each === bound)![1]);
  expect([upTo(0.001), upTo(0.25), upTo(0.5), upTo(10)]).toEqual([
    [1, 2],
    [1, 2],
    [2, 3],
    [2, 3],
  ]);
  expect([before.count, after.count]).toEqual([2, 4]);
  expect(after.sum).toBeCloseTo(20.3005);
  expect(after.buckets.map(([bound]) => bound)).toEqual(loopDelayBounds);
});

it('forgets the maximum after its window', () => {
  let nowMs = 0;
  const delay = new LoopDelay(() => nowMs);
  delay.observe(2);
  nowMs = 31_000;
  delay.observe(0.01);
  expect(delay.maxSeconds()).toBe(2);
  nowMs = 62_000;
  expect(delay.maxSeconds()).toBe(0.01);
  nowMs = 200_000;
  expect(delay.maxSeconds()).toBe(0);
});
