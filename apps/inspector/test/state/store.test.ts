import { expect, it } from 'vitest';
import { Store } from '../../src/state/store.ts';

it('tells of what changes, once, and of nothing else', () => {
  const store = new Store(1);
  const seen: number[] = [];
  const leave = store.subscribe(() => seen.push(store.get()));
  store.set(2);
  store.set(2);
  leave();
  store.set(3);
  expect(seen).toEqual([2]);
  expect(store.get()).toBe(3);
});
