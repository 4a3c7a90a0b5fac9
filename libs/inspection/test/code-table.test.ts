import { expect, it } from 'vitest';
import { CodeTable, unknownCode } from '../src/code-table.ts';

it('gives a name the same code each time, and the value back', () => {
  const table = new CodeTable<{ readonly deep: number }>();
  expect([table.codeOf('a', { deep: 1 }), table.codeOf('b', { deep: 2 }), table.codeOf('a', { deep: 1 })]).toEqual([0, 1, 0]);
  expect(table.valueOf(1)).toEqual({ deep: 2 });
});

it('has 255 codes; all further names share one, which has no value', () => {
  const table = new CodeTable<number>();
  const codes = Array.from({ length: 300 }, (_, i) => table.codeOf(`name ${i}`, i));
  expect(new Set(codes.slice(0, 255)).size).toBe(255);
  expect(new Set(codes.slice(255))).toEqual(new Set([unknownCode]));
  expect(table.codeOf('name 7', 7)).toBe(7);
  expect(table.valueOf(unknownCode)).toBeNull();
});
