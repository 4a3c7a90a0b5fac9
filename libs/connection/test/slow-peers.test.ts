// A peer that takes its output slowly is not idle and not closing for too long; one that takes nothing is both.

import { shareBytes, type Pool } from '@sluice/brigade';
import { Http1Engine } from '@sluice/http1';
import { WebSocketEngine } from '@sluice/websocket';
import { describe, expect, it } from 'vitest';
import { HttpSession, WebSocketSession, type HttpHandler } from '../src/index.ts';
import { stage } from './support/stage.ts';

const replyBytes = 5000;

const handler: HttpHandler = {
  onRequest: (exchange) => exchange.reply(200, [], Buffer.alloc(replyBytes, 'x')),
  onReplied() {},
  errorReply: () => ({ headers: [], body: Buffer.from('error') }),
};

function download(more = '') {
  const staged = stage({
    session: (pool) => new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 1000 }),
    timeouts: { closeTimeoutMs: 500, requestTimeoutMs: 3000 },
  });
  staged.endpoint.capacity = 100;
  staged.endpoint.arrive(`GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`);
  staged.turn();
  return staged;
}

describe('a reply that takes its time', () => {
  it.each([
    ['on a connection that is kept', ''],
    ['on a connection that closes behind it', 'Connection: close\r\n'],
  ])('arrives whole %s', (_where, more) => {
    const { endpoint, clock } = download(more);
    while (endpoint.queuedBytes > 0) {
      clock.advanceBy(400);
      endpoint.take(100);
    }
    clock.advanceBy(0);
    expect(endpoint.closed).toBe(null);
    expect(endpoint.sent.split('\r\n\r\n')[1]).toHaveLength(replyBytes);
  });

  it('arrives whole also when the connection is drained meanwhile', () => {
    const { endpoint, clock, connection, closes } = download();
    connection.drain();
    while (endpoint.queuedBytes > 0) {
      clock.advanceBy(400);
      endpoint.take(100);
    }
    clock.advanceBy(0);
    expect(endpoint.sent.split('\r\n\r\n')[1]).toHaveLength(replyBytes);
    endpoint.end();
    expect(closes).toEqual(['drained']);
  });

  it.each([
    ['on a connection that is kept', '', 'idleTimeout'],
    ['on a connection that closes behind it', 'Connection: close\r\n', 'served'],
  ])('is given up when the peer takes nothing, %s', (_where, more, reason) => {
    const { clock, closes, endpoint } = download(more);
    clock.advanceBy(3600);
    expect(closes).toEqual([reason]);
    expect(endpoint.closed).toBe('abort');
  });

  it('does not outlive the cap on the age', () => {
    const { clock, closes, endpoint } = (() => {
      const staged = stage({
        session: (pool) => new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 1000 }),
        timeouts: { closeTimeoutMs: 500, sustainTimeoutMs: 2000 },
      });
      staged.endpoint.capacity = 100;
      staged.endpoint.arrive('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      staged.turn();
      return staged;
    })();
    for (let i = 0; i < 30 && closes.length === 0; i++) {
      clock.advanceBy(100);
      endpoint.take(1);
    }
    expect(closes).toEqual(['sustainTimeout']);
    expect(clock.now()).toBeLessThanOrEqual(2600);
  });
});

describe('a WebSocket that is choked', () => {
  it('is not idle while its peer takes what is queued', () => {
    const quiet = { onOpen() {}, onMessage: () => true, onWritable() {}, onClose() {} };
    const { endpoint, session, connection, clock, pool, closes, turn } = stage({
      session: (pool: Pool) => new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), quiet, { pingIntervalMs: 1000, idleTimeoutMs: 3000 }),
    });
    connection.established();
    endpoint.capacity = 0;
    const shared = shareBytes(pool, Buffer.alloc(5000));
    session.sendShared(shared);
    shared.release();
    turn();
    expect(endpoint.reading).toBe(false);
    for (let i = 0; i < 40; i++) {
      clock.advanceBy(500);
      endpoint.take(100);
    }
    expect(closes).toEqual([]);
    expect(connection.state.phase).toBe('established');
  });
});
