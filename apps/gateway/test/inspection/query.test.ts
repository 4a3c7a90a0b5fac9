import { describe, expect, it } from 'vitest';
import { pageOf, QueryError, wholeNumberOf, wordOf } from '../../src/inspection/query.ts';

const query = (text: string) => new URLSearchParams(text);

describe('parameters of lists', () => {
  it('have defaults, and bounds that are included', () => {
    expect(pageOf(query(''))).toEqual({ offset: 0, limit: 100 });
    expect(pageOf(query('offset=10000000&limit=1000'))).toEqual({ offset: 10_000_000, limit: 1000 });
    expect(wordOf(query(''), 'sort', ['id', 'age'])).toBe('id');
    expect(wordOf(query('sort=age'), 'sort', ['id', 'age'])).toBe('age');
  });

  it.each(['', '-1', '1.5', '1e1', '0x1', ' 1', '1001', '99999999999'])('limit=%s is refused', (text) => {
    expect(() => pageOf(new URLSearchParams({ limit: text }))).toThrow(QueryError);
  });

  it('say what is wrong', () => {
    expect(() => wordOf(query('sort=toString'), 'sort', ['id', 'age'])).toThrow('sort is one of id, age.');
    expect(() => wholeNumberOf(query('n=5'), 'n', 1, 1, 4)).toThrow('n is a whole number from 1 to 4.');
    expect(new QueryError('because').problem).toEqual({ status: 400, detail: 'because' });
  });
});
