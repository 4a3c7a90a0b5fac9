// Line 8: who is let in, what is spoken, and over which addresses.

import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, placeNames } from '../../support/places.ts';
import type { SocketPeer } from '../../support/socket-peer.ts';

let at: GatewayAt;
afterEach(() => at.stopAndCheck());

/** Asks for a socket; answers how it was answered. */
async function ask(target: string, ...fields: string[]): Promise<SocketPeer> {
  const peer = await at.connect();
  peer.upgrade(target, ...fields);
  await at.until('an answer', () => peer.reply !== null);
  return peer;
}

const statusOf = async (target: string, origin: string): Promise<number> => (await ask(target, `Origin: ${origin}`)).reply!.status;
const targets = ['/topics/room', '/echo', '/mirror'];

describe.each(placeNames)('8. origin allow-list (403), %s', (name) => {
  it.each(targets)('%s: those that are listed, and no other', async (target) => {
    at = await GatewayAt.start(name, { origins: ['https://app.example', 'http://localhost:3000'] });
    for (const origin of ['https://app.example', 'http://localhost:3000']) expect(await statusOf(target, origin), origin).toBe(101);
    const others = [
      'http://app.example',
      'https://app.example:8443',
      'https://app.example.evil.example',
      'https://evil.example/https://app.example',
      'https://APP.example.',
      'http://localhost:3001',
      'null',
    ];
    for (const origin of others) expect(await statusOf(target, origin), origin).toBe(403);
  });

  it('the answer says why, to whom, and makes no connection a socket', async () => {
    at = await GatewayAt.start(name);
    const { reply } = await ask('/topics/room', 'Origin: https://elsewhere.example');
    expect([reply!.status, reply!.headers.get('content-type')]).toEqual([403, 'application/problem+json']);
    expect(reply!.body.toString()).toContain('https://elsewhere.example');
    expect(at.running.gateway.registry.counts()).toEqual([expect.objectContaining({ protocol: 'http' })]);
    expect(at.running.gateway.hub.stats().members).toBe(0);
  });

  it("the gateway's own host, everyone without an origin, and everyone where `*` is listed", async () => {
    at = await GatewayAt.start(name);
    // The request names the host `gateway`.
    expect(await statusOf('/topics/room', 'http://gateway')).toBe(101);
    expect((await ask('/topics/room')).reply!.status).toBe(101);
    expect(await statusOf('/topics/room', 'http://gateway.elsewhere')).toBe(403);
    await at.stopAndCheck();
    at = await GatewayAt.start(name, { origins: ['*'] });
    expect(await statusOf('/topics/room', 'https://elsewhere.example')).toBe(101);
  });
});

describe.each(placeNames)('8. sub-protocol choice, %s', (name) => {
  const chosen = async (...offers: string[]): Promise<string | undefined> => {
    const { reply } = await ask('/echo', ...offers.map((offer) => `Sec-WebSocket-Protocol: ${offer}`));
    expect(reply!.status).toBe(101);
    return reply!.headers.get('sec-websocket-protocol');
  };

  it('the first that the client offers and that is spoken here, over however many lines it offers them', async () => {
    at = await GatewayAt.start(name, { subprotocols: ['sluice.v1', 'chat', 'Superchat'] });
    expect(await chosen('chat, sluice.v1')).toBe('chat');
    expect(await chosen('sluice.v1, chat')).toBe('sluice.v1');
    expect(await chosen('unknown', 'Superchat,chat')).toBe('Superchat');
  });

  it('none where there is nothing in common, or nothing offered: then no field says one; names are told apart by case', async () => {
    at = await GatewayAt.start(name, { subprotocols: ['chat'] });
    expect(await chosen('unknown')).toBeUndefined();
    expect(await chosen('CHAT')).toBeUndefined();
    expect(await chosen()).toBeUndefined();
  });

  it('what was chosen is what is spoken', async () => {
    at = await GatewayAt.start(name);
    const enveloped = await ask('/topics/room', 'Sec-WebSocket-Protocol: sluice.v1');
    const plain = await ask('/topics/room');
    plain.sendText('hello');
    await at.until('the message', () => enveloped.messages.length === 2 && plain.messages.length === 1);
    expect(plain.texts).toEqual(['hello']);
    expect(enveloped.texts.map((text) => JSON.parse(text) as unknown)).toEqual([
      expect.objectContaining({ type: 'subscribed' }),
      expect.objectContaining({ topic: 'room', data: 'hello' }),
    ]);
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

describe.each(placeNames)('8. IPv6, %s', (name) => {
  it.runIf(name === 'memory' || hasIpv6)('a listener on [::1]: sockets, their peers, and the origin of its own pages', async () => {
    at = await GatewayAt.start(name, { http: ['[::1]:0'] });
    expect(at.address.host).toBe('::1');
    const peer = await at.open('/echo');
    peer.sendText('six');
    await at.until('the echo', () => peer.texts[0] === 'six');
    const [connection] = at.running.gateway.registry.all();
    if (name === 'sockets') expect(connection!.endpoint.peer.host).toBe('::1');
    const own = await at.connect();
    own.send(`GET /topics/t HTTP/1.1\r\nHost: [::1]:${at.address.port}\r\nOrigin: http://[::1]:${at.address.port}\r\n\r\n`);
    const foreign = await at.connect();
    foreign.send(`GET /topics/t HTTP/1.1\r\nHost: [::1]:${at.address.port}\r\nOrigin: http://[::1]:1\r\n\r\n`);
    await at.until('both answers', () => own.reply !== null && foreign.reply !== null);
    expect([own.reply!.status, foreign.reply!.status]).toEqual([200, 403]);
  });

  it.runIf(name === 'memory' || hasIpv6)('listeners on both kinds of addresses are one gateway', async () => {
    at = await GatewayAt.start(name, { http: ['[::1]:0', '127.0.0.1:0'] });
    const [six, four] = at.running.gateway.http;
    expect([six!.host, four!.host]).toEqual(['::1', '127.0.0.1']);
    const over = async (address: typeof six): Promise<SocketPeer> => {
      const peer = await at.place.connect(address!);
      at.peers.push(peer);
      peer.upgrade('/topics/both');
      await at.until('the socket', () => peer.isOpen);
      return peer;
    };
    const [first, second] = [await over(six), await over(four)];
    first.sendText('from six');
    second.sendText('from four');
    await at.until('both', () => first.messages.length === 2 && second.messages.length === 2);
    expect(first.texts.toSorted()).toEqual(['from four', 'from six']);
    expect(second.texts).toEqual(first.texts);
  });
});
