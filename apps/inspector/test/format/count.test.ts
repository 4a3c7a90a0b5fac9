import { expect, it } from 'vitest';
import { formatCount, formatPerSecond, formatQuantity } from '../../src/format/count.ts';

it('thousands stand apart', () => expect(formatCount(1_234_567.6)).toBe('1,234,568'));

it('one is singular', () => {
  expect(formatQuantity(1, 'connection')).toBe('1 connection');
  expect(formatQuantity(0, 'connection')).toBe('0 connections');
  expect(formatQuantity(2000, 'connection')).toBe('2,000 connections');
});

it('small rates keep a decimal, none is none', () => {
  expect([0, 0.25, 9.94, 9.96, 1500].map(formatPerSecond)).toEqual(['0', '0.3', '9.9', '10', '1,500']);
});
