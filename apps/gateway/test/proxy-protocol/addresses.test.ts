import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipv6Groups, ipv6Text, isIpv4Text } from '../../src/proxy-protocol/addresses.ts';

it.each([
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
])('%s is written %s (RFC 5952 section 4)', (text, canonical) => {
  expect(ipv6Text(ipv6Groups(text)!)).toBe(canonical);
});

it('takes what Node takes for an address, and nothing else', () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom('0', '1', '255', 'f', ':', '::', '.', 'g', '01'), maxLength: 12 }));
  fc.assert(
    fc.property(text, (host) => {
      expect([host, isIpv4Text(host), ipv6Groups(host) !== null]).toEqual([host, isIPv4(host), isIPv6(host)]);
    }),
  );
});
