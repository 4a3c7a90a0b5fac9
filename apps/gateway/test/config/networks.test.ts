import { describe, expect, it } from 'vitest';
import { isNetwork, networkPattern } from '../../src/config/networks.ts';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';

describe('a network', () => {
  it.each(['192.0.2.7', '10.0.0.0/8', '0.0.0.0/0', '192.0.2.7/32', '2001:db8::/32', '::/0', '::1/128', '64:ff9b::192.0.2.1', '::'])('is %s', (text) => {
    expect(isNetwork(text)).toBe(true);
    expect(text).toMatch(networkPattern);
    expect(() => new ExemptPeers(false, [text])).not.toThrow();
  });

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', '1::2::3', '::/129', 'fe80::1%eth0/64', 'localhost', '10.0.0.0/-1'])(
    'is not %j',
    (text) => expect(isNetwork(text)).toBe(false),
  );
});
