import { expect, it } from 'vitest';
import { NetworkList } from '../../src/limits/network-list.ts';

it.each([
  ['10.1.2.3', true],
  ['::ffff:10.1.2.3', true],
  ['11.1.2.3', false],
  ['192.0.2.7', true],
  ['2001:db8::1', true],
  ['fe80::1%eth0', true],
  ['2001:db9::1', false],
  ['a name', false],
  ['', false],
])('%s is in the list: %s', (host, isIn) => {
  expect(new NetworkList(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', 'fe80::/10']).includes(host)).toBe(isIn);
});
