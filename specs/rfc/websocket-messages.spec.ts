// RFC 6455 §5 to §8 on the wire: framing, control frames, closing, failures; and RFC 7692 §6 and §8: compressed messages.

import { deflateRawSync, inflateRawSync, constants } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WirePeer } from '../support/wire-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { closeOf, closePayload, frame, opcodes, openSocket, type FrameFields } from '../support/websocket-wire.ts';

const maxMessageBytes = 100_000;
const { text, binary, continuation, close, ping, pong } = opcodes;

let running: RunningGateway;
let peer: WirePeer;
beforeAll(async () => {
  running = await runGateway({ config: { limits: { maxMessageBytes }, timeouts: { closeTimeoutMs: 300 } } });
});
afterEach(() => peer?.destroy());
afterAll(async () => {
  await running.stop();
  await eventually('nothing is held', () => running.gateway.pool.outstanding().bytes === 0);
});

async function open(path = '/echo', ...fields: string[]): Promise<void> {
  peer = await WirePeer.connect(running.port);
  await openSocket(peer, path, ...fields);
}

describe('5.2 framing', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, maxMessageBytes])('%i bytes come back, unmasked, in the shortest form', async (length) => {
    await open();
    const payload = Buffer.from(Array.from({ length }, (_, at) => (at * 7) & 0xff));
    peer.sendFrame({ opcode: binary, payload });
    expect(await peer.frame()).toMatchObject({ fin: true, rsv: 0, opcode: binary, masked: false, payload });
  });

  it('text stays text, binary binary', async () => {
    await open();
    peer.sendFrame({ opcode: text, payload: 'grüß dich €, 𝄞' });
    peer.sendFrame({ opcode: binary, payload: Buffer.from([0xff]) });
    expect(await peer.frame()).toMatchObject({ opcode: text, payload: Buffer.from('grüß dich €, 𝄞') });
    expect(await peer.frame()).toMatchObject({ opcode: binary, payload: Buffer.from([0xff]) });
  });

  it('one byte at a time is the same', async () => {
    await open();
    for (const byte of frame({ opcode: text, payload: 'slowly, grüß €' })) await new Promise<void>((sent) => peer.socket.write(Buffer.from([byte]), () => sent()));
    expect((await peer.frame()).payload.toString()).toBe('slowly, grüß €');
  });
});

describe('5.4 fragmentation', () => {
  it('fragments are one message, and control frames between them are answered at once', async () => {
    await open();
    peer.sendFrame({ opcode: text, fin: false, payload: 'Hel' });
    peer.sendFrame({ opcode: ping, payload: 'are you there' });
    expect(await peer.frame()).toMatchObject({ opcode: pong, payload: Buffer.from('are you there') });
    peer.sendFrame({ opcode: continuation, fin: false });
    peer.sendFrame({ opcode: pong, payload: 'unasked' });
    peer.sendFrame({ opcode: continuation, payload: 'lo' });
    expect(await peer.frame()).toMatchObject({ fin: true, opcode: text, payload: Buffer.from('Hello') });
  });

  it('a character may be cut between fragments', async () => {
    await open();
    const euro = Buffer.from('€');
    peer.sendFrame({ opcode: text, fin: false, payload: euro.subarray(0, 1) });
    peer.sendFrame({ opcode: continuation, fin: false, payload: euro.subarray(1, 2) });
    peer.sendFrame({ opcode: continuation, payload: euro.subarray(2) });
    expect((await peer.frame()).payload.toString()).toBe('€');
  });
});

describe('7.4 failures have their codes', () => {
  const cases: readonly (readonly [string, readonly FrameFields[], number])[] = [
    ['a frame without a mask (5.1)', [{ opcode: text, payload: 'x', masked: false }], 1002],
    ['a reserved bit that nobody agreed on (5.2)', [{ opcode: text, payload: 'x', rsv: 4 }], 1002],
    ['another reserved bit', [{ opcode: text, payload: 'x', rsv: 1 }], 1002],
    ['an opcode that is reserved', [{ opcode: 3 }], 1002],
    ['a control opcode that is reserved', [{ opcode: 11 }], 1002],
    ['a length that is not in its shortest form', [{ opcode: text, payload: 'x', lengthForm: 16 }], 1002],
    ['nor this one', [{ opcode: text, payload: 'x', lengthForm: 64 }], 1002],
    ['a control frame in fragments (5.5)', [{ opcode: ping, fin: false }], 1002],
    ['a control frame of 126 bytes', [{ opcode: ping, payload: 'x'.repeat(126) }], 1002],
    ['a continuation of nothing (5.4)', [{ opcode: continuation, payload: 'x' }], 1002],
    ['a message within a message', [{ opcode: text, fin: false, payload: 'x' }, { opcode: text, payload: 'y' }], 1002],
    ['a close frame with one byte (5.5.1)', [{ opcode: close, payload: 'x' }], 1002],
    ['a close code that is never sent (7.4.1)', [{ opcode: close, payload: closePayload(1005) }], 1002],
    ['a close code below 1000', [{ opcode: close, payload: closePayload(999) }], 1002],
    ['a text that is not UTF-8 (8.1)', [{ opcode: text, payload: Buffer.from([0xc3, 0x28]) }], 1007],
    ['a text that ends in the middle of a character', [{ opcode: text, payload: Buffer.from([0xe2, 0x82]) }], 1007],
    ['bad UTF-8 in a message that has not ended', [{ opcode: text, fin: false, payload: Buffer.from([0xff]) }], 1007],
    ['a close reason that is not UTF-8', [{ opcode: close, payload: Buffer.from([0x03, 0xe8, 0xff]) }], 1007],
    ['a message over the limit', [{ opcode: binary, payload: Buffer.alloc(maxMessageBytes + 1) }], 1009],
    ['a header that announces one', [{ opcode: binary, length: 2 ** 40 }], 1009],
    ['fragments that come to one', [{ opcode: binary, fin: false, payload: Buffer.alloc(maxMessageBytes) }, { opcode: continuation, payload: 'x' }], 1009],
  ];

  it.each(cases)('%s', async (_, frames, code) => {
    await open();
    for (const fields of frames) peer.sendFrame(fields);
    expect((await closeOf(peer)).code).toBe(code);
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });

  it('what came before the failure is answered first, and the code arrives though the client goes on sending', async () => {
    await open();
    peer.sendFrame({ opcode: text, payload: 'good' });
    peer.sendFrame({ opcode: 3 });
    for (let count = 0; count < 200; count++) peer.sendFrame({ opcode: text, payload: 'x'.repeat(10_000) });
    expect((await peer.frame()).payload.toString()).toBe('good');
    expect((await closeOf(peer)).code).toBe(1002);
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });

  it('a publication to a pattern with wildcards is refused with 1008', async () => {
    await open('/topics/news.*');
    peer.sendFrame({ opcode: text, payload: 'x' });
    const { code, reason } = await closeOf(peer);
    expect(code).toBe(1008);
    expect(reason).toContain('wildcards');
    peer.sendFrame({ opcode: close, payload: closePayload(1008) });
    expect(await peer.rest()).toBe('');
  });

  it('a message larger than its topic may have is refused in words', async () => {
    const small = await runGateway({ config: { limits: { maxMessageBytes: 10 } } });
    peer = await WirePeer.connect(small.port);
    await openSocket(peer, '/topics/news');
    peer.sendFrame({ opcode: text, payload: 'x'.repeat(11) });
    expect((await closeOf(peer)).code).toBe(1009);
    peer.destroy();
    await small.stop();
  });
});

describe('7.1 closing', () => {
  it.each([
    [1000, 'bye'],
    [1001, ''],
    [3000, 'registered'],
    [4999, 'private'],
  ])('the client closes with %i: the same code comes back, then FIN', async (code, reason) => {
    await open();
    peer.sendFrame({ opcode: close, payload: closePayload(code, reason) });
    expect((await closeOf(peer)).code).toBe(code);
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });

  it('a close frame without a code is answered without one', async () => {
    await open();
    peer.sendFrame({ opcode: close });
    expect((await closeOf(peer)).code).toBe(1005);
    expect(await peer.rest()).toBe('');
  });

  it('what comes behind a close frame is not looked at (5.5.1)', async () => {
    await open();
    peer.sendFrame({ opcode: text, payload: 'before' });
    peer.sendFrame({ opcode: close, payload: closePayload(1000) });
    peer.sendFrame({ opcode: text, payload: 'after' });
    expect((await peer.frame()).payload.toString()).toBe('before');
    expect((await closeOf(peer)).code).toBe(1000);
    expect(await peer.rest()).toBe('');
  });

  it('FIN without a close frame ends the connection; it is counted as truncated', async () => {
    await open();
    const before = running.gateway.registry.closes().get('truncated') ?? 0;
    peer.end();
    expect(await peer.rest()).toBe('');
    await eventually('it is counted', () => running.gateway.registry.closes().get('truncated') === before + 1);
  });
});

describe('7.4.1 draining', () => {
  it('tells 1001; a client that answers gets FIN, one that does not is cut off at the close time-out', async () => {
    const drained = await runGateway({ config: { timeouts: { closeTimeoutMs: 200 } } });
    const polite = await WirePeer.connect(drained.port);
    const silent = await WirePeer.connect(drained.port);
    await openSocket(polite, '/topics/news');
    await openSocket(silent, '/topics/news');
    for (const connection of drained.gateway.registry.all()) connection.drain();
    expect((await closeOf(polite)).code).toBe(1001);
    expect((await closeOf(silent)).code).toBe(1001);
    polite.sendFrame({ opcode: close, payload: closePayload(1001) });
    expect(await polite.rest()).toBe('');
    expect(polite.ending).toBe('fin');
    polite.end();
    await silent.rest();
    await eventually('both are gone', () => drained.gateway.registry.size === 0);
    expect(drained.gateway.registry.closes().get('drained')).toBe(2);
    polite.destroy();
    silent.destroy();
    await drained.stop();
  });
});

describe('5.5.2 liveness', () => {
  it('a silent peer is pinged, one that answers stays, one that does not is told to go', async () => {
    const brisk = await runGateway({ config: { timeouts: { pingIntervalMs: 40, idleTimeoutMs: 120, closeTimeoutMs: 100 } } });
    peer = await WirePeer.connect(brisk.port);
    await openSocket(peer, '/topics/news');
    for (let count = 0; count < 5; count++) {
      const { opcode, payload } = await peer.frame();
      expect(opcode).toBe(ping);
      peer.sendFrame({ opcode: pong, payload });
    }
    let last = await peer.frame();
    while (last.opcode === ping) last = await peer.frame();
    expect(last).toMatchObject({ opcode: close, payload: closePayload(1001) });
    await peer.rest();
    expect(brisk.gateway.registry.closes().get('idleTimeout')).toBe(1);
    await brisk.stop();
  });
});

describe('RFC 7692 compressed messages', () => {
  const offer = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
  const shrink = (data: string | Uint8Array): Buffer => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  const grow = (data: Buffer): string => inflateRawSync(Buffer.concat([data, Buffer.from([0, 0, 0xff, 0xff])]), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  const long = 'All work and no play makes a dull day. '.repeat(200);

  it('RSV1 marks a message, compressed both ways (7.2.3.1: Hello)', async () => {
    await open('/echo', offer);
    peer.send(frame({ opcode: text, rsv: 4, payload: Buffer.from([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]) }));
    expect(await peer.frame()).toMatchObject({ rsv: 0, payload: Buffer.from('Hello') });
    peer.sendFrame({ opcode: text, rsv: 4, payload: shrink(long) });
    const reply = await peer.frame();
    expect(reply.rsv).toBe(4);
    expect(reply.payload.length).toBeLessThan(long.length / 10);
    expect(grow(reply.payload)).toBe(long);
  });

  it('a stored block and a final block are read too (7.2.3.3, 7.2.3.4)', async () => {
    await open('/echo', offer);
    peer.sendFrame({ opcode: text, rsv: 4, payload: Buffer.from([0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]) });
    expect((await peer.frame()).payload.toString()).toBe('Hello');
    peer.sendFrame({ opcode: text, rsv: 4, payload: Buffer.from([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]) });
    expect((await peer.frame()).payload.toString()).toBe('Hello');
  });

  it('fragments of a compressed message: RSV1 on the first only (6.1)', async () => {
    await open('/echo', offer);
    const data = shrink('fragments, fragments');
    peer.sendFrame({ opcode: text, rsv: 4, fin: false, payload: data.subarray(0, 3) });
    peer.sendFrame({ opcode: ping });
    expect((await peer.frame()).opcode).toBe(pong);
    peer.sendFrame({ opcode: continuation, payload: data.subarray(3) });
    expect((await peer.frame()).payload.toString()).toBe('fragments, fragments');
  });

  it('RSV1 on a continuation or a control frame fails', async () => {
    await open('/echo', offer);
    peer.sendFrame({ opcode: text, rsv: 4, fin: false, payload: shrink('x') });
    peer.sendFrame({ opcode: continuation, rsv: 4 });
    expect((await closeOf(peer)).code).toBe(1002);
    peer.destroy();
    await open('/echo', offer);
    peer.sendFrame({ opcode: ping, rsv: 4 });
    expect((await closeOf(peer)).code).toBe(1002);
  });

  it('what cannot be inflated is 1007, what would grow over the limit 1009', async () => {
    await open('/echo', offer);
    peer.sendFrame({ opcode: text, rsv: 4, payload: Buffer.from([0xff, 0xff, 0xff]) });
    expect((await closeOf(peer)).code).toBe(1007);
    peer.destroy();
    await open('/echo', offer);
    peer.sendFrame({ opcode: binary, rsv: 4, payload: shrink(Buffer.alloc(50_000_000)) });
    expect((await closeOf(peer)).code).toBe(1009);
  });

  it('a publication is compressed for those who agreed to it only', async () => {
    await open('/topics/mixed', offer);
    const plain = await WirePeer.connect(running.port);
    await openSocket(plain, '/topics/mixed');
    await fetch(`${running.url}/topics/mixed`, { method: 'POST', body: long });
    expect(grow((await peer.frame()).payload)).toBe(long);
    expect(await plain.frame()).toMatchObject({ rsv: 0, payload: Buffer.from(long) });
    plain.destroy();
  });

  it.each([
    ['with the window carried over', { serverNoContextTakeover: false, clientNoContextTakeover: false }],
    ['with a window of 512 bytes', { serverMaxWindowBits: 9 }],
  ])('%s', async (_, compression) => {
    const other = await runGateway({ config: { compression: { ...compression, minBytes: 0 } } });
    peer = await WirePeer.connect(other.port);
    const { headers } = await openSocket(peer, '/echo', offer);
    const takeover = !headers.get('sec-websocket-extensions')!.includes('server_no_context_takeover');
    expect(takeover).toBe('serverNoContextTakeover' in compression);
    const sizes: number[] = [];
    let all = Buffer.alloc(0);
    for (let count = 0; count < 3; count++) {
      peer.sendFrame({ opcode: text, rsv: 4, payload: shrink(long) });
      const { payload } = await peer.frame();
      sizes.push(payload.length);
      all = takeover ? Buffer.concat([all, payload, Buffer.from([0, 0, 0xff, 0xff])]) : Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
      const inflated = inflateRawSync(all, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: takeover ? 15 : 9 }).toString();
      expect(inflated).toBe(takeover ? long.repeat(count + 1) : long);
    }
    expect(sizes[1]! < sizes[0]!).toBe(takeover);
    peer.destroy();
    await other.stop();
  });
});
