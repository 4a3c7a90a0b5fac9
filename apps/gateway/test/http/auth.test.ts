import { describe, expect, it } from 'vitest';
import { TokenCheck } from '../../src/http/auth.ts';

describe('TokenCheck', () => {
  it('without tokens lets everybody in', () => {
    expect(new TokenCheck([]).isOpen).toBe(true);
    expect(new TokenCheck([]).admits(null, null)).toBe(true);
  });

  const check = new TokenCheck(['first', 'a/b+c==']);

  it.each(['Bearer first', 'bearer first', 'BEARER   a/b+c==', 'Bearer first '])('%j is let in', (authorization) => {
    expect(check.admits(authorization, null)).toBe(true);
  });

  it.each([null, '', 'first', 'Bearer', 'Bearer firs', 'Bearer first x', 'Bearer FIRST', 'Basic first'])('%j is not', (authorization) => {
    expect(check.admits(authorization, null)).toBe(false);
  });

  it('takes access_token from the query where there is no bearer', () => {
    const query = new URLSearchParams({ access_token: 'a/b+c==' });
    expect(check.admits(null, query)).toBe(true);
    expect(check.admits(null, new URLSearchParams({ access_token: '' }))).toBe(false);
    expect(check.admits('Bearer wrong', query)).toBe(false);
  });
});
