import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ClientHandshake, type ClientHandshakeOptions } from '../src/clientHandshake.ts';
import { UsageError } from '../src/failure.ts';
import { serverHandshake } from '../src/handshake.ts';

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const nonce = new TextEncoder().encode('the sample nonce');
const good: Record<string, string> = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' };

function client(options: Partial<ClientHandshakeOptions> = {}): ClientHandshake {
  return new ClientHandshake({ sha1, nonce, ...options });
}

function check(handshake: ClientHandshake, changes: Record<string, string | undefined>, status = 101): string {
  const headers: Record<string, string | undefined> = { ...good, ...changes };
  const result = handshake.check({ status, header: (name) => headers[name] });
  return result.accepted ? 'accepted' : result.code;
}

describe('Client handshake (RFC 6455, section 4.1)', () => {
  it('makes the fields of the request', () => {
    const { headers } = client({ protocols: ['chat', 'superchat'], origin: 'http://example.com', deflate: { clientMaxWindowBits: 10 } });
    expect(headers).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
      ['Origin', 'http://example.com'],
      ['Sec-WebSocket-Protocol', 'chat, superchat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits=10'],
    ]);
  });

  it('accepts the right response, in any case', () => {
    expect(check(client(), {})).toBe('accepted');
    expect(check(client(), { upgrade: 'WebSocket', connection: 'keep-alive, UPGRADE' })).toBe('accepted');
  });

  it('refuses every other', () => {
    expect(check(client(), {}, 200)).toBe('notUpgraded');
    expect(check(client(), { upgrade: 'h2c' })).toBe('upgradeMissing');
    expect(check(client(), { upgrade: undefined })).toBe('upgradeMissing');
    expect(check(client(), { connection: 'close' })).toBe('connectionUpgradeMissing');
    expect(check(client(), { 'sec-websocket-accept': 'S3pPLMBiTxaQ9kYGzzhZRbK+xOo=' })).toBe('acceptWrong');
    expect(check(client(), { 'sec-websocket-accept': undefined })).toBe('acceptWrong');
    expect(check(client(), { 'sec-websocket-extensions': 'permessage-deflate' })).toBe('extensionsInvalid');
    expect(check(client({ deflate: {} }), { 'sec-websocket-extensions': 'foo' })).toBe('extensionsInvalid');
    expect(check(client(), { 'sec-websocket-protocol': 'chat' })).toBe('protocolNotOffered');
    expect(check(client({ protocols: ['chat'] }), { 'sec-websocket-protocol': 'Chat' })).toBe('protocolNotOffered');
  });

  it('throws at its own caller for a wrong nonce or sub-protocols', () => {
    expect(() => client({ nonce: new Uint8Array(15) })).toThrow(UsageError);
    expect(() => client({ protocols: ['a b'] })).toThrow(UsageError);
    expect(() => client({ protocols: ['a', 'a'] })).toThrow(UsageError);
  });

  it('gets on with our own server', () => {
    const handshake = client({ protocols: ['chat'], deflate: { serverMaxWindowBits: 12 } });
    const sent = new Map(handshake.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const answer = serverHandshake({ method: 'GET', httpVersion: '1.1', header: (name) => sent.get(name) }, { sha1, protocols: ['chat'], deflate: {} });
    const got = new Map(answer.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const result = handshake.check({ status: answer.status, header: (name) => got.get(name) });
    expect(result).toMatchObject({ accepted: true, protocol: 'chat', deflate: { serverMaxWindowBits: 12, clientMaxWindowBits: 15 } });
  });
});
