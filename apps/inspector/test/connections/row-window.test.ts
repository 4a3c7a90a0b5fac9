import { describe, expect, it } from 'vitest';
import { RowWindow } from '../../src/connections/row-window.ts';

const part = (offset: number, count: number, matched = 100_000) => ({ offset, matched, total: matched, rows: Array.from({ length: count }, (_, i) => `row ${offset + i}`) });

describe('the rows that are here', () => {
  it('are asked for with some around those on screen, and never too many', () => {
    const rows = new RowWindow<string>();
    expect(rows.wanted(0, 25)).toEqual({ offset: 0, limit: 46 });
    expect(rows.wanted(5000, 5025)).toEqual({ offset: 4980, limit: 66 });
    expect(rows.wanted(0, 5000).limit).toBe(200);
  });

  it('lack what has not come', () => {
    const rows = new RowWindow<string>();
    expect(rows.lacks(0, 0)).toBe(true);
    rows.put(part(0, 50));
    expect(rows.lacks(0, 49)).toBe(false);
    expect(rows.lacks(40, 60)).toBe(true);
    rows.put(part(0, 3, 3));
    expect(rows.lacks(0, 40)).toBe(false);
  });

  it('are those of the last answers near to it', () => {
    const rows = new RowWindow<string>();
    rows.put(part(0, 50));
    rows.put(part(50, 50));
    expect(rows.at(10)).toBe('row 10');
    rows.put(part(50_000, 50));
    expect(rows.at(10)).toBeUndefined();
    expect(rows.at(50_049)).toBe('row 50049');
  });

  it('end where the list does', () => {
    const rows = new RowWindow<string>();
    rows.put(part(0, 50));
    rows.put(part(0, 10, 10));
    expect(rows.at(10)).toBeUndefined();
    expect(rows.matched).toBe(10);
  });

  it('can be found by what they are', () => {
    const rows = new RowWindow<string>();
    rows.put(part(20, 5));
    expect(rows.find((row) => row === 'row 23')).toBe(23);
    expect(rows.find((row) => row === 'row 3')).toBe(null);
  });

  it('are all gone when the question is another', () => {
    const rows = new RowWindow<string>();
    rows.put(part(0, 5));
    rows.clear();
    expect(rows.isKnown).toBe(false);
    expect(rows.at(0)).toBeUndefined();
  });
});
