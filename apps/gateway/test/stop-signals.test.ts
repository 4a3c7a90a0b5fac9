import { expect, it } from 'vitest';
import { sameSignalMs, signalFilter } from '../src/stop-signals.ts';

it('takes a signal within a moment of the one before for the same request, and a later one for the next', () => {
  const isRequest = signalFilter();
  expect([0, 3, sameSignalMs - 1].map(isRequest)).toEqual([true, false, false]);
  expect([sameSignalMs, sameSignalMs + 3].map(isRequest)).toEqual([true, false]);
});
