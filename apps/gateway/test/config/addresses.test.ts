import { describe, expect, it } from 'vitest';
import { addressPattern, isLoopback, parseAddress } from '../../src/config/addresses.ts';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('%s', (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  it.each(['', '8080', ':8080', 'host:', 'host:65536', 'host:080', 'host:99999', '::1:80', '[::1]', 'a b:1', 'host:1\n', 'host:-1'])('refuses %j', (text) => {
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
