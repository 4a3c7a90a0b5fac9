import { describe, expect, it } from 'vitest';
import { parseClientUrl } from '../../src/client/client-url.ts';

describe("a client's URL", () => {
  it.each([
    ['ws://127.0.0.1:8080', { protocol: 'websocket', secure: false, host: '127.0.0.1', port: 8080, authority: '127.0.0.1:8080' }],
    ['wss://example.org/', { protocol: 'websocket', secure: true, host: 'example.org', port: 443, authority: 'example.org' }],
    ['ws://[::1]', { protocol: 'websocket', secure: false, host: '::1', port: 80, authority: '[::1]' }],
    ['command://localhost:7000', { protocol: 'command', secure: false, host: 'localhost', port: 7000, authority: 'localhost:7000' }],
    ['commands://[::1]:7000', { protocol: 'command', secure: true, host: '::1', port: 7000, authority: '[::1]:7000' }],
  ])('%s', (text, expected) => {
    expect(parseClientUrl(text)).toEqual(expected);
  });

  it.each([
    ['localhost:8080', /expected ws:.*, got "localhost:8080"; use ws:\/\/localhost:8080$/],
    ['127.0.0.1', /expected ws:.*; use ws:\/\/127\.0\.0\.1$/],
    ['[::1]:8080', /expected ws:.*; use ws:\/\/\[::1\]:8080$/],
    ['http://localhost', /expected ws:.*; use ws:\/\/localhost$/],
    ['HTTPS://localhost:8443/', /expected ws:.*; use wss:\/\/localhost:8443$/],
    ['http://localhost/topics/news', /expected ws:.*, got "http:\/\/localhost\/topics\/news"$/],
    ['ftp://localhost', /expected ws:.*, got "ftp:\/\/localhost"$/],
    ['ws://', /expected ws:/],
    ['constructor://x:1', /expected ws:/],
    ['command://localhost', /expected a port, as in command:\/\/localhost:7000/],
    ['ws://user:secret@localhost', /SLUICE_TOKEN/],
    ['ws://localhost/topics/news', /the topic is an argument/],
    ['ws://localhost?since=1', /the topic is an argument/],
  ])('%s is refused', (text, message) => {
    expect(parseClientUrl(text)).toMatch(message);
  });
});
