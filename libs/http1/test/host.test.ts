// RFC 9112 3.2 and RFC 9110 7.2: Host is there once, and is a host.

import { describe, expect, it } from 'vitest';
import { failureOf } from './wire.ts';

const withHost = (value: string) => failureOf(`GET / HTTP/1.1\r\nHost:${value}\r\n\r\n`);

describe('RFC 9112 3.2: Host', () => {
  it.each([
    ' example.org', ' example.org:8080', ' example.org:', ' 127.0.0.1:80', ' [::1]', ' [::1]:8080', ' [v1.fe80::a+en1]', '', ' ', ' a%20b',
    " !$&'()*+,;=", ' a:65535', ' EXAMPLE',
  ])('takes %j', (value) => {
    expect(withHost(value)).toBeNull();
  });

  it.each([
    ' a b', ' a, b', ' a/b', ' a?b', ' a#b', ' user@a', ' a:b', ' a:1:2', ' :80', ' [::1', ' ::1', ' [::1]x', ' []', ' [g/]', ' a:65536',
    ' a:-1', ' a%2', ' a%', ' a%zz', ' a\\b', ' "a"', ' a\x80', ' a\t:1', ' <a>', ' a:99999999999999999999',
  ])('refuses %j', (value) => {
    expect(withHost(value)).toBe('invalidHost');
  });

  it('is needed once on HTTP/1.1', () => {
    expect(failureOf('GET / HTTP/1.1\r\n\r\n')).toBe('missingHost');
    expect(failureOf('GET / HTTP/1.1\r\nA: b\r\n\r\n')).toBe('missingHost');
    expect(failureOf('GET http://h/ HTTP/1.1\r\n\r\n')).toBe('missingHost');
    expect(failureOf('GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n')).toBe('repeatedHost');
    expect(failureOf('GET / HTTP/1.1\r\nHost: h\r\nhOST: i\r\n\r\n')).toBe('repeatedHost');
  });

  it('is not needed on HTTP/1.0, but checked', () => {
    expect(failureOf('GET / HTTP/1.0\r\n\r\n')).toBeNull();
    expect(failureOf('GET / HTTP/1.0\r\nHost: a b\r\n\r\n')).toBe('invalidHost');
    expect(failureOf('GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n')).toBe('repeatedHost');
  });
});
