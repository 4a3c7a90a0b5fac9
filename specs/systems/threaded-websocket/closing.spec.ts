// Line 9: however a connection ends, it is noticed, counted for what it was, and nothing of it stays.

import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, nothingHeld, placeNames } from '../../support/places.ts';
import type { SocketPeer } from '../../support/socket-peer.ts';
import { frame, opcodes } from '../../support/websocket-wire.ts';

let at: GatewayAt;
afterEach(() => at.stopAndCheck());

/** Nobody is there, and nothing is held for anybody. */
async function expectGone(closes: Record<string, number>): Promise<void> {
  await at.until('nobody is there', () => at.held['connections'] === 0);
  await at.place.settle();
  expect(at.held).toEqual(nothingHeld);
  expect(at.closes).toEqual(closes);
}

const half = frame({ opcode: opcodes.text, payload: 'half of it' }).subarray(0, 9);

/** How a peer ends it: the reason it is counted for, the close code it is told (0: none). */
const ends: readonly (readonly [kind: string, reason: string, code: number, act: (peer: SocketPeer) => void])[] = [
  ['a close frame', 'peerClosed', 1000, (peer) => peer.close()],
  ['a close frame without a code', 'peerClosed', 1005, (peer) => peer.sendFrame({ opcode: opcodes.close })],
  ['FIN without a close frame', 'truncated', 0, (peer) => peer.endpoint.shutdown()],
  ['FIN in the middle of a frame', 'truncated', 0, (peer) => (peer.send(half), peer.endpoint.shutdown())],
  ['RST', 'transportError', 0, (peer) => peer.endpoint.abort()],
  ['RST in the middle of a frame', 'transportError', 0, (peer) => (peer.send(half), peer.endpoint.abort())],
  ['a frame against the protocol', 'protocolError', 1002, (peer) => peer.sendFrame({ opcode: opcodes.text, payload: 'no mask', masked: false })],
  ['text that is none', 'protocolError', 1007, (peer) => peer.sendFrame({ opcode: opcodes.text, payload: Buffer.from([0xff]) })],
  ['a message over the limit', 'limitExceeded', 1009, (peer) => peer.sendFrame({ opcode: opcodes.binary, length: 2_000_000 })],
  ['a close frame and RST at once', 'peerClosed or transportError', -1, (peer) => (peer.close(), peer.endpoint.abort())],
];

describe.each(placeNames)('9. every kind of close is detected and cleaned up, %s', (name) => {
  it.each(ends)('%s: %s', async (_kind, reason, code, act) => {
    at = await GatewayAt.start(name, { limits: { maxMessageBytes: 1_000_000 } });
    const peer = await at.open('/topics/room?tag=t');
    const witness = await at.open('/topics/room');
    expect(at.held).toMatchObject({ connections: 2, members: 2, subscriptions: 2, tags: 1 });
    act(peer);
    const { registry, hub } = at.running.gateway;
    await at.until('it is gone', () => registry.size === 1);
    // At once, and for the hub as well: nobody sends to it any more.
    expect(hub.stats()).toMatchObject({ members: 1, subscriptions: 1, tags: 0 });
    if (code >= 0) {
      await at.until('its end', () => peer.isClosed);
      expect(peer.closeCode).toBe(code);
    }
    const { closes } = at;
    expect(Object.values(closes)).toEqual([1]);
    expect(reason.split(' or ')).toContain(Object.keys(closes)[0]);
    witness.close();
    await expectGone({ ...closes, peerClosed: (closes['peerClosed'] ?? 0) + 1 });
  });

  it('time-out: a peer that answers pings stays, one that says nothing is told 1001 and goes', async () => {
    at = await GatewayAt.start(name, { timeouts: { pingIntervalMs: 100, idleTimeoutMs: 400, closeTimeoutMs: 300 } });
    const [alive, silent] = [await at.open('/topics/room?tag=t'), await at.open('/topics/room?tag=t')];
    let answered = 0;
    const answer = (): boolean => {
      const pings = alive.frames.filter(({ opcode }) => opcode === opcodes.ping);
      for (; answered < pings.length; answered++) alive.sendFrame({ opcode: opcodes.pong, payload: pings[answered]!.payload });
      return silent.closeCode !== 0;
    };
    await at.until('the silent one is told', answer);
    expect([silent.closeCode, silent.frames.filter(({ opcode }) => opcode === opcodes.ping).length]).toEqual([1001, 3]);
    // It does not answer that either.
    await at.until('it is reset', () => (answer(), silent.isClosed));
    await at.until('the gateway has noticed', () => (answer(), at.held['connections'] === 1));
    expect([alive.isClosed, answered]).toEqual([false, expect.any(Number)]);
    expect(answered).toBeGreaterThan(2);
    alive.close();
    await expectGone({ idleTimeout: 1, peerClosed: 1 });
  });

  it('half-open: a peer that is gone without a word, with data queued for it', async () => {
    const windows = { outboundBytes: 64 * 1024 };
    const slowSubscriber = { policy: 'dropOldest' };
    at = await GatewayAt.start(name, { windows, slowSubscriber, timeouts: { pingIntervalMs: 100, idleTimeoutMs: 400, closeTimeoutMs: 300 }, history: { count: 10 } });
    const peer = await at.open('/topics/room?tag=t');
    const [connection] = at.running.gateway.registry.all();
    // Its machine is off: nothing is read any more, nothing is said.
    peer.endpoint.setReading(false);
    const { hub } = at.running.gateway;
    const bytes = Buffer.alloc(16 * 1024, 'h');
    for (let i = 0; i < 2000 && connection!.endpoint.queuedBytes === 0; i++) {
      hub.publish('room', bytes, 0, bytes.length, 'text');
      await at.place.settle();
    }
    expect(connection!.endpoint.queuedBytes).toBeGreaterThan(0);
    await at.until('it is taken for gone', () => at.held['connections'] === 0);
    await at.place.settle();
    expect([connection!.reason, connection!.queuedBytes, at.closes]).toEqual(['idleTimeout', 0, { idleTimeout: 1 }]);
    // The history is the hub's own; everything else is given back.
    expect({ ...at.held, bytes: 0, handles: 0 }).toEqual(nothingHeld);
    expect(hub.stats().members).toBe(0);
  });

  it.each([
    ['FIN between two requests', 'peerClosed', (peer: SocketPeer) => peer.endpoint.shutdown()],
    ['FIN in the middle of a request', 'truncated', (peer: SocketPeer) => (peer.send('POST /topics/t HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf'), peer.endpoint.shutdown())],
    ['RST in the middle of a request', 'transportError', (peer: SocketPeer) => (peer.send('GET /to'), peer.endpoint.abort())],
    ['RST of an event stream', 'transportError', (peer: SocketPeer) => peer.endpoint.abort()],
  ])('before it is a socket: %s: %s', async (kind, reason, act) => {
    at = await GatewayAt.start(name);
    const peer = await at.connect();
    const stream = kind.endsWith('stream') ? 'Accept: text/event-stream\r\n' : '';
    peer.send(`GET /topics/t HTTP/1.1\r\nHost: h\r\n${stream}\r\n`);
    await at.until('the reply', () => (stream === '' ? peer.reply !== null : at.held['members'] === 1));
    act(peer);
    await expectGone({ [reason]: 1 });
  });

  it('many at once, of every kind: every one is counted, and nothing stays', async () => {
    at = await GatewayAt.start(name);
    const kinds = ends.filter(([, , code]) => code >= 0 && code !== 1009);
    const peers: SocketPeer[] = [];
    for (let i = 0; i < 5 * kinds.length; i++) peers.push(await at.open(`/topics/room.${i % 3}?tag=t${i % 7}`));
    const expected: Record<string, number> = {};
    for (const [i, peer] of peers.entries()) {
      const [, reason, , act] = kinds[i % kinds.length]!;
      expected[reason] = (expected[reason] ?? 0) + 1;
      act(peer);
    }
    await expectGone(expected);
  });
});
