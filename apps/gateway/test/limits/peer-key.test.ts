import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of, peerKey } from '../../src/limits/peer-key.ts';

describe('the key of a peer', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2/64'],
    ['2001:db8:1:2::', '2001:db8:1:2/64'],
    ['2001:db8::1', '2001:db8:0:0/64'],
    ['::1', '0:0:0:0/64'],
    ['2001:0DB8:0001:2::9', '2001:db8:1:2/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0/64'],
    ['1:2:3::4:5:6.7.8.9', '1:2:3:0/64'],
    ['fe80::1%eth0', 'fe80:0:0:0/64%eth0'],
    ['memory', 'memory'],
    ['', ''],
  ])('%s is %s', (host, key) => expect(peerKey(host)).toBe(key));

  it('is one for all addresses of a /64, and another for those outside, in every spelling', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count });
    /** As Node spells it: compressed. */
    const spelled = (parts: number[]): string => new SocketAddress({ family: 'ipv6', address: parts.map((part) => part.toString(16)).join(':') }).address;
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), groups(4), (network, other, a, b) => {
        fc.pre(network.some((part) => part !== 0) && other.some((part) => part !== 0));
        expect(peerKey(spelled([...network, ...a]))).toBe(peerKey([...network, ...b].map((part) => part.toString(16).padStart(4, '0')).join(':')));
        const same = network.every((part, i) => part === other[i]);
        expect(peerKey(spelled([...network, ...a])) === peerKey(spelled([...other, ...a]))).toBe(same);
      }),
    );
  });
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8::1', null],
  ['memory', null],
])('%s has the IPv4 address %s', (host, address) => expect(ipv4Of(host)).toBe(address));
