// RFC 9110 9.1: methods are case-sensitive tokens, the well-known ones and any other.

import { describe, expect, it } from 'vitest';
import { internMethod, isKnownMethod } from '../src/methods.ts';
import { bytesOf } from './wire.ts';

const methods = [
  'GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE', // well known
  'get', 'Post', 'GETS', 'GE', 'PURGE', 'M-SEARCH', "!#$%&'*+-.^_`|~", // not
];

describe('internMethod', () => {
  it.each(methods)('gives %s as it is written, whatever stands behind it', (method) => {
    expect(internMethod(bytesOf(method), method.length)).toBe(method);
    expect(internMethod(bytesOf(`${method} / HTTP/1.1`), method.length)).toBe(method);
    expect(internMethod(bytesOf(`${method}X`), method.length)).toBe(method);
  });
});

describe('isKnownMethod', () => {
  it.each(methods)('%s', (method) => {
    expect(isKnownMethod(method)).toBe(methods.indexOf(method) < 9);
  });
});
