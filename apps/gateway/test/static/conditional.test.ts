import { describe, expect, it } from 'vitest';
import { evaluatePreconditions, ifRangeHolds, type ConditionalHeaders } from '../../src/static/conditional.ts';

const current = { etag: '"now"', modifiedSeconds: 1_709_618_828 };
const date = 'Tue, 05 Mar 2024 06:07:08 GMT';
/** A day later. */
const nowSeconds = current.modifiedSeconds + 86_400;
const before = 'Tue, 05 Mar 2024 06:07:07 GMT';

describe('evaluatePreconditions, in the order of RFC 9110 §13.2.2', () => {
  it.each<[ConditionalHeaders, 200 | 304 | 412]>([
    [{}, 200],
    [{ ifMatch: '"now"' }, 200],
    [{ ifMatch: '"a", "now"' }, 200],
    [{ ifMatch: '"a,b", W/"now"' }, 412],
    [{ ifMatch: '' }, 412],
    [{ ifMatch: '*', ifUnmodifiedSince: before }, 200],
    [{ ifUnmodifiedSince: date }, 200],
    [{ ifUnmodifiedSince: before }, 412],
    [{ ifUnmodifiedSince: 'nonsense' }, 200],
    [{ ifUnmodifiedSince: before, ifNoneMatch: '"now"' }, 412],
    [{ ifMatch: '"now"', ifNoneMatch: '"now"' }, 304],
    [{ ifNoneMatch: 'W/"now"' }, 304],
    [{ ifNoneMatch: ' * ' }, 304],
    [{ ifNoneMatch: 'now' }, 200],
    [{ ifNoneMatch: '"other"', ifModifiedSince: date }, 200],
    [{ ifModifiedSince: date }, 304],
    [{ ifModifiedSince: before }, 200],
    [{ ifModifiedSince: '2024-03-06' }, 200],
    [{ ifModifiedSince: `${date}, ${date}` }, 200],
  ])('%j: %i', (headers, status) => {
    expect(evaluatePreconditions(headers, current, nowSeconds)).toBe(status);
  });

  it('If-None-Match compares weakly with a weak tag of our own too', () => {
    expect(evaluatePreconditions({ ifNoneMatch: '"now"' }, { ...current, etag: 'W/"now"' }, nowSeconds)).toBe(304);
    expect(evaluatePreconditions({ ifMatch: 'W/"now"' }, { ...current, etag: 'W/"now"' }, nowSeconds)).toBe(412);
  });
});

describe('ifRangeHolds', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, true],
    ['"now"', true],
    ['"other"', false],
    ['W/"now"', false],
    [date, true],
    [before, false],
    ['nonsense', false],
  ])('%j: %s', (value, holds) => {
    expect(ifRangeHolds(value, current, nowSeconds)).toBe(holds);
  });
});

describe('a date within its second is a weak validator (§8.8.2.2)', () => {
  it('so If-Range by it does not hold until the second is over', () => {
    expect(ifRangeHolds(date, current, current.modifiedSeconds)).toBe(false);
    expect(ifRangeHolds(date, current, current.modifiedSeconds + 1)).toBe(true);
  });
});
