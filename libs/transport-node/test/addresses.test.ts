import { describe, expect, it } from 'vitest';
import { addressOf, plainHost } from '../src/addresses.ts';

describe('plainHost', () => {
  it('says IPv4 for a mapped address and leaves all others', () => {
    expect(plainHost('::ffff:192.0.2.1')).toBe('192.0.2.1');
    for (const host of ['192.0.2.1', '::1', '::ffff:0:0', '2001:db8::1']) expect(plainHost(host)).toBe(host);
  });
});

describe('addressOf', () => {
  it('is empty where nothing is known', () => {
    expect(addressOf(undefined, undefined)).toEqual({ host: '', port: 0 });
  });
});
