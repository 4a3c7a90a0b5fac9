import { describe, expect, it } from 'vitest';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';

describe('exempt peers', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('are those of this machine: %s', (host) => {
    expect(new ExemptPeers(true, []).includes(host)).toBe(true);
    expect(new ExemptPeers(false, []).includes(host)).toBe(false);
  });

  it.each(['12.7.0.1', '192.0.2.127', '2001:db8::1', '::2', 'memory', ''])('are no others: %s', (host) => {
    expect(new ExemptPeers(true, []).includes(host)).toBe(false);
  });

  it.each([
    ['10.1.2.3', true],
    ['11.1.2.3', false],
    ['::ffff:10.1.2.3', true],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:5::1', true],
    ['2001:db9::1', false],
    ['2001:db8::1%eth0', true],
    ['memory', false],
  ])('are in a listed network: %s %s', (host, exempt) => {
    expect(new ExemptPeers(false, ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']).includes(host)).toBe(exempt);
  });

  it('may be everybody', () => {
    const everybody = new ExemptPeers(false, ['0.0.0.0/0', '::/0']);
    for (const host of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1']) expect(everybody.includes(host)).toBe(true);
  });
});
