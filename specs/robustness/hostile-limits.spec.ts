// What is too large, too slow or never comes: each gets its status or close code at its time, in virtual time on a network in memory.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientFrame, handshakeFor, RawPeer, readFrames, readReplies } from '../support/raw-peer.ts';
import { SimulatedGateway } from '../support/simulated-gateway.ts';

const limits = { maxUriBytes: 200, maxHeaderLineBytes: 400, maxHeaders: 20, maxBodyBytes: 1000, maxMessageBytes: 1000 };
const timeouts = {
  handshakeTimeoutMs: 5000,
  requestTimeoutMs: 8000,
  keepAliveTimeoutMs: 20_000,
  closeTimeoutMs: 3000,
  pingIntervalMs: 10_000,
  idleTimeoutMs: 30_000,
};

let gateway: SimulatedGateway;
beforeEach(async () => {
  gateway = await SimulatedGateway.start({ seed: 1, config: { demo: true, limits, timeouts } });
});
afterEach(() => gateway.stopAndCheck());

const connect = (reading = true): RawPeer => gateway.connectRaw(reading);

/** Statuses of everything that was answered, once the gateway has closed; and when that was, in virtual time from now. */
function statusesAtClose(peer: RawPeer): { statuses: number[]; afterMs: number } {
  const from = gateway.nowMs;
  expect(gateway.settle(() => peer.isClosed), 'closed within a minute').toBe(true);
  expect(peer.error, 'closed in good order').toBeNull();
  return { statuses: readReplies(peer.received).replies.map(({ status }) => status), afterMs: gateway.nowMs - from };
}

function reasonOfClose(): string {
  const { registry } = gateway.running.gateway;
  expect(gateway.settle(() => registry.size === 0)).toBe(true);
  const closes = [...registry.closes()].filter(([, count]) => count > 0);
  expect(closes).toHaveLength(1);
  return closes[0]![0];
}

describe('too large', () => {
  const post = (body: string, ...fields: string[]): string => `${['POST /topics/a HTTP/1.1', 'Host: gateway', ...fields].join('\r\n')}\r\n\r\n${body}`;

  it.each([
    ['a target', 414, `GET /${'a'.repeat(300)} HTTP/1.1\r\nHost: gateway\r\n\r\n`],
    ['a target that does not end', 414, `GET /${'a'.repeat(300)}`],
    ['a field', 431, `GET / HTTP/1.1\r\nHost: gateway\r\nX-A: ${'a'.repeat(500)}\r\n\r\n`],
    ['a field that does not end', 431, `GET / HTTP/1.1\r\nHost: gateway\r\nX-A: ${'a'.repeat(500)}`],
    ['fields in number', 431, `GET / HTTP/1.1\r\nHost: gateway\r\n${'X-A: a\r\n'.repeat(30)}\r\n`],
    ['a body by its length', 413, post('', 'Content-Length: 1001')],
    ['a body in chunks', 413, post(`3e8\r\n${'a'.repeat(1000)}\r\n1\r\n`, 'Transfer-Encoding: chunked')],
    ['a chunk by its size', 413, post('ffffffffff\r\n', 'Transfer-Encoding: chunked')],
  ])('%s is answered %i, and the connection closes', (_what, status, request) => {
    const peer = connect();
    peer.send(request);
    const { statuses, afterMs } = statusesAtClose(peer);
    expect(statuses).toEqual([status]);
    expect(afterMs).toBeLessThan(1000);
    expect(reasonOfClose()).toBe('limitExceeded');
  });

  it('takes what is exactly at the limit', () => {
    const peer = connect();
    peer.send(post('a'.repeat(1000), 'Content-Length: 1000', 'Connection: close'));
    expect(statusesAtClose(peer).statuses).toEqual([200]);
  });

  it.each([
    ['a frame', [clientFrame(0x82, Buffer.alloc(1001))], 1009, 'limitExceeded'],
    ['a frame, by its header alone', [clientFrame(0x82, Buffer.alloc(70_000)).subarray(0, 14)], 1009, 'limitExceeded'],
    ['a message in fragments', [clientFrame(0x02, Buffer.alloc(600)), clientFrame(0x80, Buffer.alloc(600))], 1009, 'limitExceeded'],
    ['a ping', [clientFrame(0x89, Buffer.alloc(126))], 1002, 'protocolError'],
  ])('%s is answered by the close code', (_what, frames, code, reason) => {
    const peer = connect();
    peer.send(handshakeFor('/echo'));
    for (const frame of frames) peer.send(frame);
    expect(gateway.settle(() => peer.isClosed)).toBe(true);
    const closing = readFrames(readReplies(peer.received).upgraded!).at(-1)!;
    expect(closing.closeCode).toBe(code);
    expect(reasonOfClose()).toBe(reason);
  });

  it('has all of the error read by a peer that goes on sending', () => {
    const peer = connect();
    peer.send(post('a'.repeat(200_000), 'Content-Length: 200000'));
    expect(statusesAtClose(peer).statuses).toEqual([413]);
  });
});

describe('too slow', () => {
  /** Sends the bytes one by one, so many ms apart. */
  function drip(peer: RawPeer, text: string, everyMs: number): void {
    let at = 0;
    const next = (): void => {
      if (peer.isClosed || peer.hasEnded || at === text.length) return;
      peer.send(text[at++]!);
      gateway.network.clock.schedule(everyMs, next);
    };
    next();
  }
  const never = 'a'.repeat(10_000);

  it('answers a head that comes byte by byte with 408 at the handshake time-out', () => {
    const peer = connect();
    drip(peer, `GET / HTTP/1.1\r\nHost: gateway\r\nX-A: ${never}`, 100);
    const { statuses, afterMs } = statusesAtClose(peer);
    expect(statuses).toEqual([408]);
    expect(afterMs).toBeGreaterThanOrEqual(timeouts.handshakeTimeoutMs);
    expect(afterMs).toBeLessThan(timeouts.handshakeTimeoutMs + 200);
    expect(reasonOfClose()).toBe('handshakeTimeout');
  });

  it('answers the head of a second request with 408 at the request time-out', () => {
    const peer = connect();
    peer.send('GET /topics/a HTTP/1.1\r\nHost: gateway\r\n\r\n');
    gateway.settle(() => peer.received !== '');
    gateway.pass(10_000);
    drip(peer, `GET /topics/a HTTP/1.1\r\nHost: gateway\r\nX-A: ${never}`, 50);
    const { statuses, afterMs } = statusesAtClose(peer);
    expect(statuses).toEqual([200, 408]);
    expect(afterMs).toBeGreaterThanOrEqual(timeouts.requestTimeoutMs);
    expect(afterMs).toBeLessThan(timeouts.requestTimeoutMs + 200);
  });

  it.each([
    ['by length', 'Content-Length: 1000'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('answers a body %s that never ends with 408 at the request time-out', (_how, framing) => {
    const peer = connect();
    peer.send(`POST /topics/a HTTP/1.1\r\nHost: gateway\r\n${framing}\r\n\r\n`);
    drip(peer, framing.startsWith('C') ? never : '1\r\na\r\n'.repeat(1000), 100);
    const { statuses, afterMs } = statusesAtClose(peer);
    expect(statuses).toEqual([408]);
    expect(afterMs).toBeGreaterThanOrEqual(timeouts.requestTimeoutMs);
    expect(afterMs).toBeLessThan(timeouts.requestTimeoutMs + 200);
    expect(gateway.running.gateway.hub.stats().publications).toBe(0);
  });

  it('closes a connection on which nothing follows, without a word', () => {
    const peer = connect();
    peer.send('GET /topics/a HTTP/1.1\r\nHost: gateway\r\n\r\n');
    const { statuses, afterMs } = statusesAtClose(peer);
    expect(statuses).toEqual([200]);
    expect(afterMs).toBeGreaterThanOrEqual(timeouts.keepAliveTimeoutMs);
    expect(reasonOfClose()).toBe('idleTimeout');
  });

  it('resets a peer that does not answer the end of the connection', () => {
    const peer = connect();
    peer.onEnd = () => {};
    peer.send('GET /topics/a HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n');
    const from = gateway.nowMs;
    expect(gateway.settle(() => peer.isClosed)).toBe(true);
    expect(peer.error?.kind).toBe('connectionReset');
    expect(gateway.nowMs - from).toBeGreaterThanOrEqual(timeouts.closeTimeoutMs);
    expect(reasonOfClose()).toBe('served');
  });

  it('notices a peer that is gone without a trace: pings, then the idle time-out, then a reset', () => {
    const peer = connect(false);
    peer.send(handshakeFor('/topics/a'));
    gateway.settle(() => gateway.running.gateway.hub.stats().members === 1);
    const from = gateway.nowMs;
    expect(gateway.settle(() => gateway.running.gateway.registry.size === 0)).toBe(true);
    expect(gateway.nowMs - from).toBeGreaterThanOrEqual(timeouts.idleTimeoutMs);
    expect(gateway.nowMs - from).toBeLessThan(timeouts.idleTimeoutMs + timeouts.closeTimeoutMs + 200);
    expect(reasonOfClose()).toBe('idleTimeout');
  });

  it('keeps a quiet peer that answers its pings', () => {
    const peer = connect();
    peer.send(handshakeFor('/topics/a'));
    gateway.settle(() => peer.received.includes('101'));
    let seen = peer.received.length;
    peer.onBytes = function answer(this: RawPeer, bytes, start, end) {
      RawPeer.prototype.onBytes.call(this, bytes, start, end);
      seen = peer.received.length;
      peer.send(clientFrame(0x8a, ''));
    };
    gateway.pass(600_000);
    expect(seen).toBeGreaterThan(100);
    expect(peer.hasEnded).toBe(false);
  });
});
