// RFC 9112 3.2: the four forms of a request target.

import { describe, expect, it } from 'vitest';
import { Http1Event } from '../src/index.ts';
import { bytesOf, failureOf, server } from './wire.ts';

function parts(line: string) {
  const engine = server();
  engine.receive(bytesOf(`${line} HTTP/1.1\r\nHost: from-host:1\r\n\r\n`));
  expect(engine.next()).toBe(Http1Event.Head);
  const { form, target, path, query, authority } = engine.request;
  return { form, target, path, query, authority };
}

describe('RFC 9112 3.2: request targets', () => {
  it.each([
    ['GET /', { form: 'origin', target: '/', path: '/', query: null, authority: 'from-host:1' }],
    ['GET /a/b?c=d?e', { form: 'origin', path: '/a/b', query: 'c=d?e', target: '/a/b?c=d?e' }],
    ['GET /?', { form: 'origin', path: '/', query: '' }],
    ['GET //x//y', { form: 'origin', path: '//x//y', query: null, authority: 'from-host:1' }],
    ['GET /%20%fF', { path: '/%20%fF' }],
    ['GET /a?{x}|^`[y]\\', { path: '/a', query: '{x}|^`[y]\\' }],
    ['GET http://other/p?q', { form: 'absolute', path: '/p', query: 'q', authority: 'other' }],
    ['GET http://other:80', { form: 'absolute', path: '/', query: null, authority: 'other:80' }],
    ['GET http://other?q', { form: 'absolute', path: '/', query: 'q', authority: 'other' }],
    ['GET HTTPS://[::1]:443/', { form: 'absolute', path: '/', authority: '[::1]:443' }],
    ['OPTIONS http://other', { form: 'absolute', path: '*', authority: 'other' }],
    ['OPTIONS *', { form: 'asterisk', path: '*', query: null, authority: 'from-host:1' }],
    ['CONNECT other:443', { form: 'authority', path: '', query: null, authority: 'other:443' }],
    ['CONNECT [2001:db8::1]:443', { form: 'authority', authority: '[2001:db8::1]:443' }],
  ])('%s', (line, expected) => {
    expect(parts(line)).toMatchObject(expected);
  });

  it.each([
    'GET *',
    'GET **',
    'OPTIONS *?a',
    'OPTIONS **',
    'GET a',
    'GET a/b',
    'GET ?a',
    'GET http:/x',
    'GET http:x',
    'GET http://',
    'GET http:///p',
    'GET http://user@host/',
    'GET http://user:pass@host/',
    'GET http://ho st/',
    'GET http://host:99999/',
    'GET http://host:8o/',
    'GET 1http://host/',
    'GET ://host/',
    'GET /a#b',
    'GET /a"b',
    'GET /<a>',
    'GET /a\\b',
    'GET /%',
    'GET /%2',
    'GET /%zz',
    'GET /a?%g0',
    'GET /\xe9',
    'GET /\x7f',
    'GET /\0',
    'CONNECT /',
    'CONNECT host',
    'CONNECT host:',
    'CONNECT :80',
    'CONNECT http://host:80/',
    'CONNECT host:80?',
    'CONNECT user@host:80',
  ])('%j is no target', (line) => {
    const code = failureOf(`${line} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(code).toBe(line.includes('ho st') ? 'invalidVersion' : 'invalidTarget');
  });
});
