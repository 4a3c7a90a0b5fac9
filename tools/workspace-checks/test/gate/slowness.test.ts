import { expect, it } from 'vitest';
import { slowness } from '../../src/gate/slowness.ts';

it('is 1 on a machine that is quiet and fast enough', () => {
  expect(slowness(8, 0, 2)).toBe(1);
  expect(slowness(2, 1.5, 2)).toBe(1);
});

it('grows with the time that the processor takes', () => {
  expect(slowness(24, 0, 2)).toBe(3);
});

it('grows with the processes that wait for each core', () => {
  expect(slowness(8, 16, 2)).toBe(8);
  expect(slowness(16, 16, 4)).toBe(8);
});

it('has a bound: what hangs is ended on the slowest machine too', () => {
  expect(slowness(800, 400, 1)).toBe(50);
});

it('measures this machine', () => {
  const measured = slowness();
  expect(measured).toBeGreaterThanOrEqual(1);
  expect(measured).toBeLessThanOrEqual(50);
});
