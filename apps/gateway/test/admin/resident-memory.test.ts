import { expect, it, vi } from 'vitest';
import { residentBytes } from '../../src/admin/resident-memory.ts';

it('is the value before when it cannot be read', () => {
  const before = residentBytes();
  expect(before).toBeGreaterThan(1_000_000);
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  expect(residentBytes()).toBe(before);
  rss.mockRestore();
});
