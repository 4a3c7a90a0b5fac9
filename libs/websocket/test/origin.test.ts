import { describe, expect, it } from 'vitest';
import { isOriginAllowed } from '../src/origin.ts';

describe('Origin allow-list (RFC 6455, section 10.2)', () => {
  it.each([
    ['https://example.com', ['https://example.com'], true],
    ['HTTPS://Example.COM', ['https://example.com'], true],
    ['https://example.com:443', ['https://example.com'], true],
    ['https://example.com', ['https://example.com:443'], true],
    ['http://example.com:8080', ['http://example.com:8080'], true],
    ['http://[::1]:8080', ['http://[::1]:8080'], true],
    ['http://example.com', ['https://example.com'], false],
    ['https://example.com:8443', ['https://example.com'], false],
    ['https://example.com.evil.org', ['https://example.com'], false],
    ['https://evilexample.com', ['https://*.example.com'], false],
    ['https://example.com', ['https://*.example.com'], false],
    ['https://a.example.com', ['https://*.example.com'], true],
    ['https://b.a.example.com', ['https://*.example.com'], true],
    ['https://.example.com', ['https://*.example.com'], false],
    ['https://a.example.com', ['https://b.org', 'https://*.example.com'], true],
    ['https://anything.at.all', ['*'], true],
    ['null', ['*'], true],
    ['null', ['null'], true],
    ['null', ['https://example.com'], false],
    ['https://example.com/path', ['*'], false],
    ['https://example.com https://other.org', ['*'], false],
    ['https://user@example.com', ['*'], false],
    ['', ['*'], false],
    ['https://example.com', [], false],
  ])('%s against %j: %s', (origin, allowed, expected) => {
    expect(isOriginAllowed(origin, allowed)).toBe(expected);
  });
});
