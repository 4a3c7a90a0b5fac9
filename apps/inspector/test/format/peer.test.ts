import { expect, it } from 'vitest';
import { formatPeer } from '../../src/format/peer.ts';

it('IPv6 addresses stand in brackets', () => {
  expect(formatPeer({ host: '192.0.2.1', port: 80 })).toBe('192.0.2.1:80');
  expect(formatPeer({ host: '2001:db8::1', port: 80 })).toBe('[2001:db8::1]:80');
});

it('a port that is not known is not shown', () => {
  expect(formatPeer({ host: '2001:db8::1', port: 0 })).toBe('2001:db8::1');
});
