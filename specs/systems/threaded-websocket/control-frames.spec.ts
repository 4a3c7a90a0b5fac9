// Line 2: accepting, messages and control frames each have their turn.

import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, placeNames } from '../../support/places.ts';
import type { SocketPeer } from '../../support/socket-peer.ts';
import { closePayload, frame, opcodes } from '../../support/websocket-wire.ts';

let at: GatewayAt;
afterEach(() => at.stopAndCheck());

const pongs = ({ frames }: SocketPeer): string[] => frames.filter(({ opcode }) => opcode === opcodes.pong).map(({ payload }) => payload.toString());

describe.each(placeNames)('2. control frames are answered between the fragments of a message without disturbing it, %s', (name) => {
  const message = Buffer.from('a message — cut in the middle of its characters, too: ĀāĂăĄą 𝄞𝄞𝄞');

  it('each ping before the next fragment is there', async () => {
    at = await GatewayAt.start(name);
    const peer = await at.open('/echo');
    const piece = 7;
    const expected: string[] = [];
    for (let start = 0; start < message.length; start += piece) {
      const fin = start + piece >= message.length;
      peer.sendFrame({ opcode: start === 0 ? opcodes.text : opcodes.continuation, payload: message.subarray(start, start + piece), fin });
      if (fin) break;
      peer.sendFrame({ opcode: opcodes.ping, payload: `at ${start}` });
      expected.push(`at ${start}`);
      // The rest of the message is not sent before.
      await at.until('the pong', () => pongs(peer).length === expected.length);
      expect(peer.messages).toEqual([]);
    }
    await at.until('the echo', () => peer.messages.length === 1);
    expect(peer.texts).toEqual([message.toString()]);
    expect(pongs(peer)).toEqual(expected);
  });

  it('a pong nobody asked for, and empty control frames, in one packet with the fragments', async () => {
    at = await GatewayAt.start(name);
    const peer = await at.open('/echo');
    peer.send(
      Buffer.concat([
        frame({ opcode: opcodes.binary, payload: 'one ', fin: false }),
        frame({ opcode: opcodes.pong, payload: 'unasked' }),
        frame({ opcode: opcodes.ping }),
        frame({ opcode: opcodes.continuation, fin: false }),
        frame({ opcode: opcodes.ping, payload: 'x'.repeat(125) }),
        frame({ opcode: opcodes.continuation, payload: 'two' }),
      ]),
    );
    await at.until('the echo', () => peer.messages.length === 1);
    expect([peer.texts, peer.messages[0]!.opcode, pongs(peer)]).toEqual([['one two'], opcodes.binary, ['', 'x'.repeat(125)]]);
  });

  it('a close frame ends it in the middle, in good order', async () => {
    at = await GatewayAt.start(name);
    const peer = await at.open('/echo');
    peer.sendFrame({ opcode: opcodes.text, payload: 'never to be ', fin: false });
    peer.sendFrame({ opcode: opcodes.close, payload: closePayload(1000) });
    await at.until('the end', () => peer.isClosed && at.held['connections'] === 0);
    expect([peer.closeCode, peer.messages, at.closes]).toEqual([1000, [], { peerClosed: 1 }]);
  });
});

describe.each(placeNames)('2. control frames are answered before queued data, %s', (name) => {
  it('a pong overtakes the replies to messages that came before it', async () => {
    at = await GatewayAt.start(name);
    const peer = await at.open('/echo');
    const texts = Array.from({ length: 30 }, (_, i) => `message ${i}`);
    peer.send(Buffer.concat([...texts.map((payload) => frame({ opcode: opcodes.text, payload })), frame({ opcode: opcodes.ping, payload: 'urgent' })]));
    await at.until('all of it', () => peer.frames.length === 31);
    expect(peer.frames.map(({ payload }) => payload.toString())).toEqual(['urgent', ...texts]);
  });

  it('a pong overtakes what a throttle holds back, between two frames of a message and never inside of one', async () => {
    at = await GatewayAt.start(name, { compression: { enabled: false } });
    const peer = await at.open('/echo');
    const [connection] = at.running.gateway.registry.all();
    connection!.setThrottle('out', 200_000);
    const payload = Buffer.alloc(20_000, 'q');
    const count = 40;
    for (let i = 0; i < count; i++) peer.sendFrame({ opcode: opcodes.binary, payload });
    await at.until('the first of it', () => peer.messages.length > 0);
    peer.sendFrame({ opcode: opcodes.ping, payload: 'urgent' });
    await at.until('the pong', () => pongs(peer).length === 1);
    const before = peer.messages.length;
    expect(connection!.queuedBytes).toBeGreaterThan(100_000);
    expect(before).toBeLessThan(count / 2);
    connection!.setThrottle('out', 0);
    await at.until('the rest', () => peer.messages.length === count);
    expect(peer.messages.every((message) => message.payload.equals(payload))).toBe(true);
  });
});

describe.each(placeNames)('2. work is scheduled by kind: accepting, dispatching messages, control frames, %s', (name) => {
  it('a flood of messages on one connection keeps nobody waiting at the door, and no ping unanswered', async () => {
    at = await GatewayAt.start(name, { compression: { enabled: false }, limits: { peerMessagesPerSecond: 0 } });
    const flood = await at.open('/echo');
    const other = await at.open('/echo');
    const total = 30_000;
    let echoed = 0;
    flood.onMessage = () => void echoed++;
    const packet = Buffer.concat(Array.from({ length: 100 }, () => frame({ opcode: opcodes.binary, payload: Buffer.alloc(500) })));
    for (let sent = 0; sent < total; sent += 100) flood.send(packet);
    await at.until('the flood', () => echoed > 0);
    const newcomer = await at.open('/echo');
    newcomer.sendText('let me in');
    other.sendFrame({ opcode: opcodes.ping, payload: 'alive?' });
    flood.sendFrame({ opcode: opcodes.ping, payload: 'behind all that' });
    await at.until('both answers', () => newcomer.messages.length === 1 && pongs(other).length === 1);
    expect(echoed, 'echoed when the others had been served').toBeLessThan(total);
    await at.until('the rest', () => echoed === total && pongs(flood).length === 1);
  });
});
