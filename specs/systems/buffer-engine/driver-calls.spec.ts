// Line 2: what a driver calls, and what it is told. The two halves of a connection close separately.

import { HttpSession, type HttpExchange } from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { Opcode } from '@sluice/websocket';
import { afterEach, describe, expect, it } from 'vitest';
import { DrivenConnection, drivenSocket } from '../../support/driven-connection.ts';
import { GatewayAt, placeNames } from '../../support/places.ts';
import { RecordingHandler } from '../../support/socket-server.ts';
import { closePayload, frame, framesOf, opcodes } from '../../support/websocket-wire.ts';

const text = (payload: string): Buffer => frame({ opcode: opcodes.text, payload });

let closing: (() => Promise<void>) | null = null;
afterEach(async () => {
  const close = closing;
  closing = null;
  await close?.();
});

/** An HTTP connection whose requests wait until the spec replies. */
function drivenHttp() {
  const asked: HttpExchange[] = [];
  const handler = {
    onRequest: (exchange: HttpExchange) => void asked.push(exchange),
    onReplied() {},
    errorReply: () => ({ headers: [], body: new Uint8Array(0) }),
  };
  const one = new DrivenConnection({ session: (pool) => new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 0 }) });
  return { ...one, asked, turn: one.turn, over: one.over };
}

describe('2. driver calls: read window, bytes in, read closed; write window, bytes written, write closed; close; events; finished', () => {
  it('read window and bytes in: open from the start, and bytes become events in the call', () => {
    const handler = new RecordingHandler();
    const { connection, endpoint } = drivenSocket(handler);
    expect([connection.wantRead, endpoint.isReading]).toEqual([true, true]);
    endpoint.arrive(Buffer.concat([text('one'), text('two').subarray(0, 4)]));
    expect([handler.seen, connection.wantRead]).toEqual([['one'], true]);
    endpoint.arrive(text('two').subarray(4));
    expect(handler.seen).toEqual(['one', 'two']);
  });

  it('write window and bytes written: what there is to write, less with each byte that is taken, and room is told', () => {
    const handler = new RecordingHandler();
    const { connection, endpoint, session, turn } = drivenSocket(handler);
    endpoint.capacity = 0;
    expect([connection.wantWrite, connection.queuedBytes]).toEqual([false, 0]);
    session.send(Opcode.Binary, Buffer.alloc(8192));
    turn();
    const whole = 8192 + 4;
    expect([connection.wantWrite, connection.queuedBytes, connection.writeAllowance()]).toEqual([true, whole, 0]);
    endpoint.take(100);
    expect([connection.queuedBytes, handler.roomTold]).toEqual([whole - 100, 0]);
    // At the low-water mark.
    endpoint.take(whole - 100 - 2048);
    expect([connection.queuedBytes, handler.roomTold]).toEqual([2048, 1]);
    endpoint.take(2048);
    expect([connection.wantWrite, connection.queuedBytes]).toEqual([false, 0]);
    expect(framesOf(endpoint.sent)).toHaveLength(1);
  });

  it('read closed: the read window is 0, and what was asked for before is answered still', () => {
    const { asked, connection, endpoint, closes, turn, over } = drivenHttp();
    endpoint.arrive('GET /late HTTP/1.1\r\nHost: h\r\n\r\n');
    endpoint.end();
    turn();
    expect([connection.wantRead, endpoint.isShutdown, closes]).toEqual([false, false, []]);
    asked[0]!.reply(200, [], Buffer.from('late'));
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*\r\nlate$/);
    expect([endpoint.isShutdown, connection.wantWrite]).toEqual([true, false]);
    endpoint.gone();
    expect(closes).toEqual(['peerClosed']);
    expect(over()).toEqual({ bytes: 0, deadlines: 0 });
  });

  it('write closed: the read window stays open, and what comes is dropped until the peer closes its half', () => {
    const { asked, connection, endpoint, closes, turn } = drivenHttp();
    endpoint.arrive('GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    asked[0]!.reply(200, []);
    turn();
    expect([endpoint.isShutdown, endpoint.closedBy, connection.wantRead]).toEqual([true, null, true]);
    const { sent } = endpoint;
    for (let more = 0; more < 50; more++) endpoint.arrive('GET /more HTTP/1.1\r\nHost: h\r\n\r\n');
    turn();
    expect([asked.length, endpoint.sent, closes]).toEqual([1, sent, []]);
    endpoint.end();
    turn();
    endpoint.gone();
    expect(closes).toEqual(['served']);
  });

  it.each([
    ['drain', 'drained', 1001],
    ['reject', 'overload', 1013],
    ['abort', 'aborted', 0],
  ] as const)('close: %s ends it, says so to the peer (%s), and finished comes once', (call, reason, code) => {
    const handler = new RecordingHandler();
    const { connection, endpoint, closes, turn, over } = drivenSocket(handler);
    if (call === 'reject') connection.reject('overload');
    else connection[call]();
    turn();
    const frames = framesOf(endpoint.sent);
    expect(frames.map(({ opcode, payload }) => [opcode, payload.readUInt16BE(0)])).toEqual(code === 0 ? [] : [[opcodes.close, code]]);
    if (code !== 0) {
      endpoint.arrive(frame({ opcode: opcodes.close, payload: closePayload(code) }));
      turn();
      expect(endpoint.isShutdown).toBe(true);
      endpoint.end();
    }
    turn();
    endpoint.gone();
    expect([closes, handler.closedFor]).toEqual([[reason], reason]);
    // Finished: nothing is wanted, and no call does anything.
    expect([connection.wantRead, connection.wantWrite, endpoint.isReading]).toEqual([false, false, false]);
    const before = endpoint.sent;
    connection.drain();
    connection.abort();
    connection.flush();
    connection.unblock();
    connection.onProgress();
    turn();
    expect([endpoint.sent, closes]).toEqual([before, [reason]]);
    expect(over()).toEqual({ bytes: 0, deadlines: 0 });
  });
});

describe.each(placeNames)('2. driver calls, %s: the two halves close separately', (name) => {
  it('a client that has sent FIN gets all it had asked for, however much', async () => {
    const at = await GatewayAt.start(name, { history: { bytes: 4 * 1024 * 1024 } }, { pipeBytes: 4096 });
    closing = () => at.stopAndCheck();
    const { hub } = at.running.gateway;
    const body = Buffer.alloc(500_000, 'b');
    for (let i = 0; i < 4; i++) hub.publish('large', body, 0, body.length, 'text');
    const peer = await at.connect();
    peer.answersEnd = false;
    peer.send('GET /topics/large HTTP/1.1\r\nHost: h\r\n\r\n');
    peer.endpoint.shutdown();
    await at.until('the whole reply', () => peer.reply !== null);
    const { publications } = JSON.parse(peer.reply!.body.toString()) as { publications: { data: string }[] };
    expect(publications.map(({ data }) => data.length)).toEqual([500_000, 500_000, 500_000, 500_000]);
    await at.until("the gateway's FIN", () => peer.hasEnded);
    await at.until('the end', () => at.held['connections'] === 0);
    expect(at.closes).toEqual({ peerClosed: 1 });
  });

  it('a gateway that has sent FIN reads on: the client is neither reset nor cut off in what it says', async () => {
    const at = await GatewayAt.start(name);
    closing = () => at.stopAndCheck();
    const peer = await at.connect();
    peer.answersEnd = false;
    peer.send('GET /topics/t HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    await at.until("the gateway's FIN", () => peer.hasEnded);
    expect(peer.reply?.status).toBe(200);
    for (let more = 0; more < 20; more++) {
      peer.send('x'.repeat(10_000));
      await at.place.settle();
    }
    await at.until('all is read', () => peer.endpoint.queuedBytes === 0);
    expect([peer.isClosed, peer.error, at.held['connections']]).toEqual([false, null, 1]);
    peer.endpoint.shutdown();
    await at.until('the end', () => peer.isClosed);
    await at.until('nothing is held', () => at.held['connections'] === 0);
    expect([peer.error, at.closes]).toEqual([null, { served: 1 }]);
  });

  it('nothing is shared: one that waits, one that breaks its protocol and one that is reset leave the fourth as it was', async () => {
    const at = await GatewayAt.start(name);
    closing = () => at.stopAndCheck();
    const [waiting, breaking, reset, good] = [await at.open('/echo'), await at.open('/echo'), await at.open('/echo'), await at.open('/echo')];
    const half = text('half a message');
    waiting.send(half.subarray(0, 9));
    good.send(text('good ').subarray(0, 8));
    await at.place.settle();
    breaking.send(frame({ opcode: 3 }));
    reset.endpoint.abort();
    await at.until('two are gone', () => breaking.closeCode === 1002 && breaking.isClosed && at.held['connections'] === 2);
    good.send(text('good ').subarray(8));
    waiting.send(half.subarray(9));
    await at.until('both echoes', () => good.messages.length + waiting.messages.length === 2);
    expect([good.texts, waiting.texts]).toEqual([['good '], ['half a message']]);
    for (const peer of [good, waiting]) peer.close();
    await at.until('nothing is held', () => at.held['connections'] === 0);
    expect(at.closes).toEqual({ protocolError: 1, transportError: 1, peerClosed: 2 });
  });
});
