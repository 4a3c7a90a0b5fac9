import { describe, expect, it } from 'vitest';
import { formatBytes, formatRate, parseBytes } from '../../src/format/bytes.ts';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1234, '1.23 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1.5e9, '1.50 GB'],
    [-5, '0 B'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('a quiet rate is a dash', () => {
    expect(formatRate(0)).toBe('–');
    expect(formatRate(2048)).toBe('2.05 kB/s');
  });

  it.each([
    ['2048', 2048],
    ['100 kB', 100_000],
    ['1.5m', 1_500_000],
    ['3 GB/s', 3e9],
    ['0', 0],
  ])('%s can be entered', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'many', '-1', '1e9', '1 TB', '1,5 kB'])('"%s" cannot', (text) => expect(parseBytes(text)).toBe(null));
});
