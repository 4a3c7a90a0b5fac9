import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptKey, serverHandshake, type ServerHandshakeOptions, type UpgradeRequest } from '../src/handshake.ts';

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();

const example: Record<string, string> = {
  host: 'server.example.com',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  origin: 'http://example.com',
  'sec-websocket-protocol': 'chat, superchat',
  'sec-websocket-version': '13',
};

function request(changes: Record<string, string | undefined> = {}, more: Partial<UpgradeRequest> = {}): UpgradeRequest {
  const headers: Record<string, string | undefined> = { ...example, ...changes };
  return { method: 'GET', httpVersion: '1.1', header: (name) => headers[name], ...more };
}

function refusal(changed: UpgradeRequest, options: Partial<ServerHandshakeOptions> = {}): [number, string] {
  const answer = serverHandshake(changed, { sha1, ...options });
  return answer.accepted ? [101, ''] : [answer.status, answer.code];
}

describe('Server handshake (RFC 6455)', () => {
  it('1.3: answers the example of the RFC', () => {
    expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==', sha1)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(serverHandshake(request(), { sha1, protocols: ['chat'] })).toEqual({
      accepted: true,
      status: 101,
      headers: [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
        ['Sec-WebSocket-Protocol', 'chat'],
      ],
      protocol: 'chat',
      deflate: null,
    });
  });

  it('4.2.1: takes tokens in any case and among others', () => {
    expect(serverHandshake(request({ upgrade: 'h2c, WebSocket', connection: 'keep-alive, upgrade' }), { sha1 }).accepted).toBe(true);
  });

  it('4.2.1: refuses what is no upgrade to WebSocket, each with its status', () => {
    expect(refusal(request({}, { method: 'POST' }))).toEqual([405, 'methodNotAllowed']);
    expect(refusal(request({}, { method: 'get' }))).toEqual([405, 'methodNotAllowed']);
    expect(refusal(request({}, { httpVersion: '1.0' }))).toEqual([400, 'httpVersionTooOld']);
    expect(refusal(request({ upgrade: undefined }))).toEqual([426, 'upgradeMissing']);
    expect(refusal(request({ upgrade: 'websockets' }))).toEqual([426, 'upgradeMissing']);
    expect(refusal(request({ connection: 'keep-alive' }))).toEqual([400, 'connectionUpgradeMissing']);
    expect(refusal(request({ connection: undefined }))).toEqual([400, 'connectionUpgradeMissing']);
  });

  it.each([undefined, '', 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25jZR==', 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==', 'c2hvcnQ=', '!!!lIHNhbXBsZSBub25jZQ=='])(
    '4.2.1: refuses the key %j',
    (key) => {
      expect(refusal(request({ 'sec-websocket-key': key }))).toEqual([400, 'keyInvalid']);
    },
  );

  it.each([undefined, '12', '8', '13, 8', '013'])('4.4: answers version %j with 426 and the version it speaks', (version) => {
    const answer = serverHandshake(request({ 'sec-websocket-version': version }), { sha1 });
    expect(answer).toMatchObject({ accepted: false, status: 426, code: 'versionUnsupported' });
    expect(answer.headers).toContainEqual(['Sec-WebSocket-Version', '13']);
    expect(answer.headers).toContainEqual(['Upgrade', 'websocket']);
  });

  it('4.2.2: refuses a browser from elsewhere with 403, and lets clients without an Origin pass', () => {
    const origins = ['https://*.example.com'];
    expect(refusal(request(), { origins })).toEqual([403, 'originForbidden']);
    expect(refusal(request({ origin: 'https://app.example.com' }), { origins })[0]).toBe(101);
    expect(refusal(request({ origin: undefined }), { origins })[0]).toBe(101);
  });

  it('4.2.2: chooses the first sub-protocol of the client that it speaks', () => {
    const answer = serverHandshake(request(), { sha1, protocols: ['superchat', 'chat'] });
    expect(answer).toMatchObject({ accepted: true, protocol: 'chat' });
  });

  it('4.2.2: names no sub-protocol when none fits, or refuses if it must have one', () => {
    const answer = serverHandshake(request(), { sha1, protocols: ['other'] });
    expect(answer).toMatchObject({ accepted: true, protocol: null });
    expect(answer.headers.map(([name]) => name)).not.toContain('Sec-WebSocket-Protocol');
    expect(refusal(request(), { protocols: ['other'], requireProtocol: true })).toEqual([400, 'protocolUnsupported']);
    expect(refusal(request({ 'sec-websocket-protocol': undefined }), { requireProtocol: true })).toEqual([400, 'protocolUnsupported']);
  });

  it('4.2.1: refuses sub-protocols and extensions that do not follow their grammar', () => {
    expect(refusal(request({ 'sec-websocket-protocol': 'a b' }))).toEqual([400, 'protocolsInvalid']);
    expect(refusal(request({ 'sec-websocket-protocol': '' }))).toEqual([400, 'protocolsInvalid']);
    expect(refusal(request({ 'sec-websocket-extensions': 'a b' }))).toEqual([400, 'extensionsInvalid']);
  });

  it('9.1: agrees on compression only if it was offered and is wanted', () => {
    const offered = request({ 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' });
    expect(serverHandshake(offered, { sha1 })).toMatchObject({ deflate: null });
    expect(serverHandshake(request(), { sha1, deflate: {} })).toMatchObject({ deflate: null });
    const answer = serverHandshake(offered, { sha1, deflate: { serverNoContextTakeover: true } });
    expect(answer).toMatchObject({ accepted: true, deflate: { serverNoContextTakeover: true, clientMaxWindowBits: 15 } });
    expect(answer.headers).toContainEqual(['Sec-WebSocket-Extensions', 'permessage-deflate; server_no_context_takeover']);
  });
});
