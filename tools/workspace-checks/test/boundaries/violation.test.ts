import { describe, expect, it } from 'vitest';
import { applyExceptions, formatViolation } from '../../src/boundaries/violation.ts';

const violation = { where: 'a/b.ts:12', rule: 'layer', what: 'may not import c' };

describe('violations', () => {
  it('are one line that says what and where', () => {
    expect(formatViolation(violation)).toBe('a/b.ts:12  may not import c  (layer)');
  });

  it('are excused by rule and path, whatever the line', () => {
    expect(applyExceptions([violation], [{ path: 'a/b.ts', rule: 'layer', reason: 'r' }])).toEqual([]);
    expect(applyExceptions([violation], [])).toEqual([violation]);
  });

  it('come of exceptions that excuse nothing', () => {
    const other = { path: 'a/b.ts', rule: 'size', reason: 'r' };
    expect(applyExceptions([violation], [other]).map(({ rule }) => rule)).toEqual(['layer', 'stale-exception']);
  });
});
