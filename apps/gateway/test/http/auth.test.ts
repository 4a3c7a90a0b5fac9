import { describe, expect, it } from 'vitest';
import { TokenCheck, bearerOf, fullAccess, readAccess } from '../../src/http/auth.ts';

describe('TokenCheck', () => {
  it('gives everyone full access where there is no token at all', () => {
    const open = new TokenCheck([]);
    expect(open.isOpen).toBe(true);
    expect(open.accessOf(null)).toBe(fullAccess);
    expect(open.admits(null)).toBe(true);
  });

  const check = new TokenCheck(['first', 'a/b+c=='], ['reader']);

  it.each(['Bearer first', 'bearer first', 'BEARER   a/b+c==', 'Bearer first ', 'Bearer reader'])('admits %j', (authorization) => {
    expect(check.admits(authorization)).toBe(true);
  });

  it.each([null, '', 'first', 'Bearer', 'Bearer firs', 'Bearer first x', 'Bearer FIRST', 'Basic first'])('does not admit %j', (authorization) => {
    expect(check.admits(authorization)).toBe(false);
  });

  it('lets the holder of a read token read, and not publish', () => {
    expect(check.accessOf('first')).toEqual({ canRead: true, canPublish: true });
    expect(check.accessOf('reader')).toBe(readAccess);
    expect(readAccess).toEqual({ canRead: true, canPublish: false });
    expect(check.accessOf('')).toBeNull();
    expect(check.accessOf(null)).toBeNull();
  });

  it('asks for a token where there are read tokens only', () => {
    const readers = new TokenCheck([], ['reader']);
    expect(readers.isOpen).toBe(false);
    expect(readers.accessOf(null)).toBeNull();
    expect(readers.accessOf('reader')).toBe(readAccess);
  });

  it('takes other tokens while it runs', () => {
    const changing = new TokenCheck(['old']);
    changing.replace(['new'], ['reader']);
    expect([changing.accessOf('old'), changing.accessOf('new'), changing.accessOf('reader')]).toEqual([null, fullAccess, readAccess]);
  });
});

it('bearerOf reads the token of an Authorization field', () => {
  expect(bearerOf('Bearer abc')).toBe('abc');
  expect(bearerOf('Basic abc')).toBeNull();
  expect(bearerOf(null)).toBeNull();
});
