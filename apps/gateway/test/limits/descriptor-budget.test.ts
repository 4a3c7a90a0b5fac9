import { expect, it } from 'vitest';
import { DescriptorBudget } from '../../src/limits/descriptor-budget.ts';

it.each([
  [256, 1024, { maxIdleFiles: 32, maxFile: 232, maxConnection: 200 }],
  [1024, 1024, { maxIdleFiles: 128, maxFile: 960, maxConnection: 832 }],
  [20_000, 1024, { maxIdleFiles: 1024, maxFile: 19_488, maxConnection: 18_464 }],
  [1024, 10, { maxIdleFiles: 10, maxFile: 960, maxConnection: 950 }],
  [Infinity, 1024, { maxIdleFiles: 1024, maxFile: Infinity, maxConnection: Infinity }],
])('of %i descriptors, with up to %i open files', (limit, maxOpenFiles, shares) => {
  const { maxIdleFiles, maxFile, maxConnection } = new DescriptorBudget(limit, maxOpenFiles);
  expect({ maxIdleFiles, maxFile, maxConnection }).toEqual(shares);
});

it('makes room by closing idle files, as long as there are some', () => {
  const budget = new DescriptorBudget(256, 1024);
  expect(budget.makeRoom()).toBe(false);
  let idle = 1;
  budget.onShortage(() => (idle > 0 ? idle-- : 0));
  expect([budget.makeRoom(), budget.makeRoom()]).toEqual([true, false]);
});

it.each([
  [24, 0],
  [40, 0],
  [64, 8],
  [128, 64],
  [256, null],
  [Infinity, null],
])('of %i descriptors, connections that have room, if they are few: %j', (limit, connections) => {
  expect(new DescriptorBudget(limit, 1024).scarceConnections).toBe(connections);
});
