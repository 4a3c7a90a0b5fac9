import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedForm, connectionsForm, formatTableQuery, parseTableQuery, requestQuery, sortedBy, withFilter, type TableQuery } from '../../src/connections/table-query.ts';

const plain = parseTableQuery('', connectionsForm);

describe('the question of a table', () => {
  it('begins with no filter, in the order of the form', () => {
    expect(plain).toEqual({ filters: {}, sort: 'id', order: 'asc' });
    expect(parseTableQuery('', closedForm)).toEqual({ filters: {}, sort: 'closedAt', order: 'desc' });
    expect(formatTableQuery(plain, connectionsForm)).toBe('');
  });

  it('leaves out what the form does not have', () => {
    expect(parseTableQuery('sort=shoe&order=sideways&colour=red&q=', connectionsForm)).toEqual(plain);
  });

  it('comes back from the address it is written to', () => {
    const query: fc.Arbitrary<TableQuery> = fc.record({
      filters: fc.dictionary(fc.constantFrom(...connectionsForm.filters), fc.string({ minLength: 1 }), { noNullPrototype: true }),
      sort: fc.constantFrom(...connectionsForm.sorts),
      order: fc.constantFrom('asc' as const, 'desc' as const),
    });
    fc.assert(
      fc.property(query, (each) => {
        expect(parseTableQuery(formatTableQuery(each, connectionsForm), connectionsForm)).toEqual(each);
      }),
    );
  });

  it('goes to the server with the part that is wanted', () => {
    expect(requestQuery(withFilter(plain, 'q', 'a b'), 40, 60)).toBe('q=a+b&sort=id&order=asc&offset=40&limit=60');
  });

  it('loses a filter that becomes empty', () => {
    expect(withFilter(withFilter(plain, 'topic', 'news'), 'topic', '')).toEqual(plain);
  });
});

describe('sorting', () => {
  it('begins at the telling end of a column', () => {
    expect(sortedBy(plain, 'queued')).toMatchObject({ sort: 'queued', order: 'desc' });
    expect(sortedBy(plain, 'peer')).toMatchObject({ sort: 'peer', order: 'asc' });
  });

  it('by the same column again turns round', () => {
    expect(sortedBy(sortedBy(plain, 'queued'), 'queued').order).toBe('asc');
  });
});
