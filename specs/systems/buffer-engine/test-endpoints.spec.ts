// Line 10: sockets to test clients and networks with, under `--demo`.

import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, placeNames } from '../../support/places.ts';
import type { SocketMessage, SocketPeer } from '../../support/socket-peer.ts';
import { closePayload, frame, opcodes } from '../../support/websocket-wire.ts';

const endpoints = ['/increment', '/echo', '/echogen', '/fraggle', '/ping', '/status'];

let at: GatewayAt;
afterEach(() => at.stopAndCheck());

const closeText = (peer: SocketPeer): string => peer.frames.at(-1)!.payload.toString('utf8', 2);

describe('10. test endpoints are there under --demo only', () => {
  it.each(placeNames)('%s', async (name) => {
    at = await GatewayAt.start(name, { demo: false });
    for (const target of endpoints) {
      const peer = await at.connect();
      peer.upgrade(target);
      await at.until('an answer', () => peer.reply !== null);
      expect(peer.reply!.status).toBe(404);
    }
  });
});

describe.each(placeNames)('10. test endpoints, %s', (name) => {
  const start = async (target: string): Promise<SocketPeer> => {
    at = await GatewayAt.start(name, { compression: { enabled: false } });
    return at.open(target);
  };

  it('increment: a number every 50 ms', async () => {
    const peer = await start('/increment');
    const { clock } = at.place.loop;
    const numbers: string[] = [];
    const times: number[] = [];
    peer.onMessage = ({ payload }) => {
      numbers.push(payload.toString());
      times.push(clock.now());
    };
    await at.until('five numbers', () => numbers.length === 5);
    expect(numbers).toEqual(['0', '1', '2', '3', '4']);
    if (name === 'memory') expect(times.slice(1).map((time, i) => time - times[i]!)).toEqual([50, 50, 50, 50]);
  });

  it('increment: `reset` begins anew, `closeme` has the server close with 1001', async () => {
    const peer = await start('/increment');
    await at.until('some numbers', () => peer.messages.length >= 3);
    peer.sendText('reset');
    await at.until('the first one again', () => peer.texts.slice(1).includes('0'));
    const texts = peer.texts;
    expect(texts.slice(0, texts.indexOf('0', 1)).map(Number)).toEqual(Array.from({ length: texts.indexOf('0', 1) }, (_, i) => i));
    peer.sendText('closeme');
    await at.until('the close', () => peer.closeCode !== 0);
    expect(peer.closeCode).toBe(1001);
    peer.close(1001);
    await at.until('the end', () => at.held['connections'] === 0);
    expect(at.closes).toEqual({ served: 1 });
  });

  it('echo: every message comes back as it is', async () => {
    const peer = await start('/echo');
    const sent = [
      [opcodes.text, Buffer.from('héllo')],
      [opcodes.binary, Buffer.from([0, 255, 128])],
      [opcodes.text, Buffer.alloc(0)],
      [opcodes.binary, Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 0xff))],
      [opcodes.text, Buffer.alloc(1024 * 1024, 'x')],
    ] as const;
    for (const [opcode, payload] of sent) peer.sendFrame({ opcode, payload });
    await at.until('the echoes', () => peer.messages.length === sent.length);
    for (const [i, [opcode, payload]] of sent.entries()) {
      expect(peer.messages[i]!.opcode).toBe(opcode);
      expect(payload.equals(peer.messages[i]!.payload)).toBe(true);
    }
  });

  it('echogen: a million bytes in fragments of 2,048, sent back in other pieces, verified', async () => {
    const peer = await start('/echogen');
    await at.until('all of it', () => peer.messages.length === 1);
    const [{ opcode, payload, frames }] = peer.messages as [SocketMessage];
    expect([opcode, payload.length, frames]).toEqual([opcodes.text, 1_000_000, Math.ceil(1_000_000 / 2048)]);
    expect(Math.max(...peer.frames.map((one) => one.payload.length))).toBe(2048);
    // As two messages, one of them in fragments of its own.
    peer.sendFrame({ opcode: opcodes.text, payload: payload.subarray(0, 333_333) });
    for (let start = 333_333; start < payload.length; start += 70_001) {
      const end = Math.min(start + 70_001, payload.length);
      peer.sendFrame({ opcode: start === 333_333 ? opcodes.text : opcodes.continuation, payload: payload.subarray(start, end), fin: end === payload.length });
    }
    await at.until('the verdict', () => peer.closeCode !== 0);
    expect(JSON.parse(peer.texts[1]!)).toEqual({ verified: 1_000_000, ms: expect.any(Number) });
    expect(peer.closeCode).toBe(1000);
  });

  it('echogen: the place of a byte that is wrong', async () => {
    const peer = await start('/echogen');
    await at.until('all of it', () => peer.messages.length === 1);
    const wrong = Buffer.from(peer.messages[0]!.payload.subarray(0, 5000));
    wrong[4321]! ^= 1;
    peer.sendFrame({ opcode: opcodes.text, payload: wrong });
    await at.until('the verdict', () => peer.closeCode !== 0);
    expect([peer.closeCode, closeText(peer)]).toEqual([1008, expect.stringContaining('4321')]);
  });

  it('fraggle: random fragments with a checksum, the same again from the same seed', async () => {
    const first = await start('/fraggle?messages=40');
    const told = (peer: SocketPeer) => JSON.parse(peer.texts[0]!) as { seed: number; messages: number };
    await at.until('the end', () => first.closeCode !== 0);
    expect([first.closeCode, first.messages.length]).toEqual([1000, 1 + 2 * 40]);
    const { seed, messages } = told(first);
    expect(messages).toBe(40);
    const sizes = new Set<number>();
    for (let i = 1; i < first.messages.length; i += 2) {
      const { payload, frames, opcode } = first.messages[i]!;
      const sum = payload.reduce((total, byte) => (total + byte) >>> 0, 0);
      expect([opcode, first.messages[i + 1]!.payload.readUInt32BE()]).toEqual([opcodes.binary, sum]);
      expect(frames).toBeLessThanOrEqual(16);
      sizes.add(frames);
    }
    expect(sizes.size, 'in how many fragments they came').toBeGreaterThan(4);
    const again = await at.open(`/fraggle?seed=${seed}&messages=40`);
    await at.until('the end', () => again.closeCode !== 0);
    const shape = ({ frames }: SocketPeer) => frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.toString('latin1')]);
    expect(shape(again)).toEqual(shape(first));
    const other = await at.open(`/fraggle?seed=${seed === 1 ? 2 : seed - 1}&messages=1`);
    await at.until('the end', () => other.closeCode !== 0);
    expect(other.messages[1]!.payload.equals(first.messages[1]!.payload)).toBe(false);
  });

  it('ping: a ping every second and how long its pong took; a wrong pong counts for nothing', async () => {
    const peer = await start('/ping');
    const pings = () => peer.frames.filter(({ opcode }) => opcode === opcodes.ping);
    for (let sequence = 1; sequence <= 2; sequence++) {
      await at.until('a ping', () => pings().length === sequence);
      peer.sendFrame({ opcode: opcodes.pong, payload: 'what' });
      peer.sendText(`between ${sequence}`);
      await at.until('an echo', () => peer.messages.length === 2 * sequence - 1);
      peer.sendFrame({ opcode: opcodes.pong, payload: pings().at(-1)!.payload });
      await at.until('a report', () => peer.messages.length === 2 * sequence);
      const [echo, report] = peer.texts.slice(-2);
      expect(echo).toBe(`between ${sequence}`);
      expect(JSON.parse(report!)).toEqual({ sequence, roundTripMs: expect.any(Number) });
    }
  });

  it('status: who is connected and what has passed, at once and every second, without addresses', async () => {
    const peer = await start('/status');
    const echo = await at.open('/echo');
    for (let i = 0; i < 3; i++) echo.sendText('counted');
    await at.until('the echoes', () => echo.messages.length === 3);
    const before = peer.messages.length;
    expect(before).toBeGreaterThan(0);
    await at.until('another report', () => peer.messages.length > before);
    const report = peer.texts.at(-1)!;
    expect(JSON.parse(report)).toMatchObject({ open: 2, states: { established: 2 }, messagesIn: 3, messagesOut: 3 });
    expect((JSON.parse(report) as { connections: unknown[] }).connections).toHaveLength(2);
    expect(report).not.toContain('127.0.0.1');
  });

  it('every one of them ends with its client, and leaves nothing running', async () => {
    at = await GatewayAt.start(name);
    for (const target of endpoints) {
      const peer = await at.open(target);
      peer.send(frame({ opcode: opcodes.close, payload: closePayload(1000) }));
    }
    await at.until('nobody is there', () => at.held['connections'] === 0);
    expect(at.held).toMatchObject({ bytes: 0, handles: 0, deadlines: 0 });
    expect(at.closes).toEqual({ peerClosed: endpoints.length });
  });
});
