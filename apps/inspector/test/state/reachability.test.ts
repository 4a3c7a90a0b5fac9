import { expect, it } from 'vitest';
import { noteLost, noteReached, noteSignedOut, reachability } from '../../src/state/reachability.ts';

it('knows since when nothing was answered, until something is', () => {
  noteReached();
  noteLost(1000);
  noteLost(2000);
  expect(reachability.get()).toEqual({ state: 'lost', lostSinceMs: 1000 });
  noteReached();
  expect(reachability.get()).toEqual({ state: 'reached', lostSinceMs: null });
});

it('one that is signed out stays so until something is answered', () => {
  noteSignedOut();
  noteLost(1);
  expect(reachability.get().state).toBe('signedOut');
  noteReached();
  expect(reachability.get().state).toBe('reached');
});
