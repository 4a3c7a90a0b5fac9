// Everything at once: what comes in one packet, behind something that is not over yet, or while the gateway wants to end.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { readMessages, request } from '../support/command-wire.ts';
import { clientFrame, handshakeFor, readFrames, readReplies, type RawPeer } from '../support/raw-peer.ts';
import { SimulatedGateway } from '../support/simulated-gateway.ts';

const windowBytes = 32 * 1024;
let gateway: SimulatedGateway;
beforeEach(async () => {
  gateway = await SimulatedGateway.start({
    seed: 1,
    pipeBytes: 16 * 1024,
    config: { demo: true, command: ['127.0.0.1:0'], windows: { outboundBytes: windowBytes, sharedWriteBytes: 16 * 1024 } },
  });
});
afterEach(() => gateway.stopAndCheck());

const connect = (reading = true): RawPeer => gateway.connectRaw(reading);

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: gateway\r\n\r\n`;

it('answers the handshake before a ping that came in the same packet', () => {
  const peer = connect();
  peer.send(Buffer.concat([Buffer.from(handshakeFor('/echo')), clientFrame(0x89, 'now'), clientFrame(0x81, 'hello'), clientFrame(0x88, '')]));
  expect(gateway.settle(() => peer.isClosed)).toBe(true);
  const { replies, upgraded } = readReplies(peer.received);
  expect(replies.map(({ status }) => status)).toEqual([101]);
  expect(readFrames(upgraded!).map(({ opcode, payload }) => [opcode, payload])).toEqual([
    [10, 'now'],
    [1, 'hello'],
    [8, ''],
  ]);
});

it('notices FIN behind a request that came behind an event stream', () => {
  const peer = connect();
  peer.send(`GET /topics/a HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n\r\n${get('/topics/a')}`);
  peer.endpoint.shutdown();
  expect(gateway.settle(() => peer.isClosed, 1000)).toBe(true);
  expect(readReplies(peer.received).replies.map(({ status }) => status)).toEqual([200]);
});

/** A reply of about 10 KB. */
function fill(topic: string): void {
  const payload = Buffer.alloc(10_000, 'x');
  gateway.running.gateway.hub.publish(topic, payload, 0, payload.length, 'text');
}
const largestReply = 10_600;

it('stops serving at once when the window is full, however many requests are at hand', () => {
  fill('a');
  const peer = connect(false);
  peer.send(get('/topics/a').repeat(400));
  const { registry } = gateway.running.gateway;
  let most = 0;
  gateway.settle(() => {
    for (const { queuedBytes } of registry.all()) most = Math.max(most, queuedBytes);
    return false;
  }, 2000);
  expect(most).toBeGreaterThan(windowBytes - largestReply);
  expect(most).toBeLessThanOrEqual(windowBytes + largestReply);
  const [connection] = registry.all();
  expect(connection!.state.label).toContain('choked');
  peer.endpoint.setReading(true);
  expect(gateway.settle(() => readReplies(peer.received.slice(0, peer.received.lastIndexOf('HTTP/1.1'))).replies.length === 399)).toBe(true);
  peer.endpoint.abort();
  gateway.settle(() => registry.size === 0);
});

it('begins none of the requests at hand any more once it drains', () => {
  fill('a');
  const peer = connect(false);
  peer.send(get('/topics/a').repeat(400));
  const { registry } = gateway.running.gateway;
  gateway.pass(100);
  const [connection] = registry.all();
  const before = connection!.endpoint.bytesOut + connection!.queuedBytes;
  connection!.drain();
  peer.endpoint.setReading(true);
  expect(gateway.settle(() => peer.isClosed)).toBe(true);
  expect(peer.error).toBeNull();
  expect(peer.received.length).toBe(before);
  expect(gateway.settle(() => registry.size === 0)).toBe(true);
  expect(registry.closes().get('drained')).toBe(1);
});

it('ends in good order with a peer that was slow when the drain began, and catches up', () => {
  const peer = connect(false);
  peer.send(handshakeFor('/echo'));
  const { registry } = gateway.running.gateway;
  gateway.settle(() => [...registry.all()][0]?.session.protocol === 'websocket');
  for (let i = 0; i < 30; i++) peer.send(clientFrame(0x82, Buffer.alloc(10_000)));
  gateway.pass(100);
  const [connection] = registry.all();
  expect(connection!.state.label).toContain('choked');
  connection!.drain();
  peer.send(clientFrame(0x88, Buffer.from([0x03, 0xe9])));
  gateway.pass(100);
  peer.endpoint.setReading(true);
  expect(gateway.settle(() => peer.isClosed, 1000)).toBe(true);
  expect(peer.error).toBeNull();
  expect(readFrames(readReplies(peer.received).upgraded!).at(-1)).toMatchObject({ opcode: 8, closeCode: 1001 });
});

it('keeps what it owes a peer bounded who pings and never reads, also while it drains', () => {
  const peer = connect(false);
  peer.send(handshakeFor('/echo'));
  const { registry } = gateway.running.gateway;
  gateway.settle(() => [...registry.all()][0]?.session.protocol === 'websocket');
  const [connection] = registry.all();
  const pings = Buffer.concat(Array.from({ length: 100 }, () => clientFrame(0x89, Buffer.alloc(125))));
  let most = 0;
  const flood = (): void => {
    for (let i = 0; i < 40; i++) {
      peer.send(pings);
      gateway.pass(50);
      most = Math.max(most, connection!.queuedBytes);
    }
  };
  flood();
  expect(most).toBeLessThanOrEqual(windowBytes + 20_000);
  connection!.drain();
  flood();
  expect(most).toBeLessThanOrEqual(windowBytes + 20_000);
  expect(gateway.settle(() => registry.size === 0)).toBe(true);
});

it('keeps what it owes a peer bounded who sends commands and never reads, while others are served', () => {
  const { registry, command } = gateway.running.gateway;
  const address = command[0]!;
  const deaf = gateway.connectRaw(false, address);
  const good = gateway.connectRaw(true, address);
  let most = 0;
  let sent = 0;
  for (let round = 0; round < 40; round++) {
    deaf.send(Array.from({ length: 400 }, () => request('PING', ++sent)).join(''));
    good.send(request('PING', round));
    gateway.pass(50);
    for (const { queuedBytes } of registry.all()) most = Math.max(most, queuedBytes);
  }
  const connection = [...registry.all()].find(({ endpoint }) => endpoint.peer.port === deaf.endpoint.local.port);
  expect(connection!.wantRead).toBe(false);
  expect(most).toBeGreaterThan(windowBytes / 2);
  expect(most).toBeLessThanOrEqual(windowBytes + 20_000);
  expect(readMessages(good.received.slice('OK\r\n'.length)).messages).toHaveLength(40);
  // Once it reads, each has its reply, in order.
  deaf.endpoint.setReading(true);
  expect(gateway.settle(() => deaf.received.includes(`Sequence: ${sent}\r\n`))).toBe(true);
  const sequences = readMessages(deaf.received.slice('OK\r\n'.length)).messages.map(({ headers }) => Number(headers.get('Sequence')));
  expect(sequences).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
  for (const peer of [deaf, good]) peer.endpoint.abort();
  gateway.settle(() => registry.size === 0);
});
