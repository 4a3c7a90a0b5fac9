import { describe, expect, it } from 'vitest';
import { addressPattern, isLoopback, parseAddress } from '../../src/config/addresses.ts';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['fd:3', { host: '', port: 0, descriptor: 3 }],
    ['fd:12', { host: '', port: 0, descriptor: 12 }],
    ['systemd', { host: '', port: 0, descriptor: -1 }],
    ['systemd:80', { host: 'systemd', port: 80 }],
    ['fd.example:3', { host: 'fd.example', port: 3 }],
  ])('%s', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each(['', '8080', ':8080', 'host:', 'host:65536', 'host:080', 'host:99999', '::1:80', '[::1]', 'a b:1', 'host:1\n', 'host:-1', 'fd:0', 'fd:2', 'fd:03', 'fd:', 'fd:8080000', 'systemd '])('refuses %j', (text) => {
    expect(() => parseAddress(text)).toThrow(RangeError);
  });

  it('takes every port there is, and no other', () => {
    for (let port = 0; port <= 70_000; port++) expect(addressPattern.test(`h:${port}`)).toBe(port <= 65_535);
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.1', 'localhost', 'LOCALHOST', '::1', '::ffff:127.0.0.1'])('%s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '128.0.0.1', '127.example.com', '::2', 'localhost.example.com'])('not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
