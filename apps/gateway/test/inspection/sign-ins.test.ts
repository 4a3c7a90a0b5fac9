import { describe, expect, it } from 'vitest';
import { cookieName, signInMs, SignIns } from '../../src/inspection/sign-ins.ts';

describe('SignIns', () => {
  const signIns = new SignIns();
  const value = signIns.issue(1000);

  it('admits its cookie among others, until it is over', () => {
    expect(signIns.admits(`${cookieName}=${value}`, 1000)).toBe(true);
    expect(signIns.admits(`a=b; ${cookieName}=nothing;  ${cookieName}=${value}; c`, 1000 + signInMs - 1)).toBe(true);
    expect(signIns.admits(`${cookieName}=${value}`, 1000 + signInMs)).toBe(false);
  });

  it.each<[string, string | null]>([
    ['none', null],
    ['an empty one', ''],
    ['another name', `other=${value}`],
    ['no MAC', `${cookieName}=${value.split('.')[0]}`],
    ['a later end', `${cookieName}=zz${value}`],
    ['another MAC', `${cookieName}=${value.split('.')[0]}.${'A'.repeat(43)}`],
    ['a shorter MAC', `${cookieName}=${value.slice(0, -8)}`],
  ])('does not admit %s', (_what, cookies) => {
    expect(signIns.admits(cookies, 1000)).toBe(false);
  });

  it("does not admit another process's, nor any after revoking", () => {
    expect(signIns.admits(`${cookieName}=${new SignIns().issue(1000)}`, 1000)).toBe(false);
    signIns.revoke();
    expect(signIns.admits(`${cookieName}=${value}`, 1000)).toBe(false);
  });
});
