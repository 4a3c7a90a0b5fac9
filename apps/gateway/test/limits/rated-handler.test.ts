import { describe, expect, it } from 'vitest';
import { EchoHandler } from '../../src/demo/echo.ts';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';
import { PeerRates } from '../../src/limits/peer-rates.ts';
import { RatedHandler, innerHandler } from '../../src/limits/rated-handler.ts';
import { SocketsInMemory } from '../in-memory/sockets.ts';

function rated() {
  const sockets = new SocketsInMemory();
  const { clock } = sockets.network;
  const exempt = new ExemptPeers(true, []);
  const rates = new PeerRates({ clock, exempt, messagesPerSecond: 10, messageBurst: 3, connectionsPerSecond: 0, connectionBurst: 1, maxPeers: 10 });
  const traffic = { messagesIn: 0, messagesOut: 0 };
  const echo = new EchoHandler(traffic);
  sockets.serve(() => new RatedHandler(echo, rates, '203.0.113.1'));
  return { sockets, rates, traffic };
}

describe('a rated socket', () => {
  it('is closed with 4429 and when to come back by the message over the rate, which is not looked at', () => {
    const { sockets, rates, traffic } = rated();
    const client = sockets.connect();
    for (const text of ['1', '2', '3', '4', '5']) client.sendFrame(text);
    sockets.pass(1);
    const [close, ...more] = client.frames().toReversed();
    expect(more.toReversed().map(({ payload }) => payload)).toEqual(['1', '2', '3']);
    expect(close).toEqual({ opcode: 8, payload: `\x11\x4d${rates.messageRefusal} retry-after-ms=100` });
    expect(traffic.messagesIn).toBe(3);
    expect(rates.refusedMessages).toBe(1);
    sockets.pass(1000);
    expect(sockets.closes).toEqual(['rateLimited']);
  });

  it('goes on below the rate for ever', () => {
    const { sockets, traffic } = rated();
    const client = sockets.connect();
    for (let i = 0; i < 100; i++) {
      client.sendFrame('x');
      sockets.pass(100);
    }
    expect(traffic.messagesIn).toBe(100);
    expect(sockets.closes).toEqual([]);
  });

  it('shares the rate with the others of its address, and gives its hold back when it is gone', () => {
    const { sockets, rates } = rated();
    const clients = [sockets.connect(), sockets.connect()];
    expect(rates.size).toBe(1);
    for (const client of clients) for (const text of ['1', '2']) client.sendFrame(text);
    sockets.pass(1);
    expect(clients.flatMap((client) => client.frames().filter(({ opcode }) => opcode === 8))).toHaveLength(1);
    for (const client of clients) client.endpoint.abort();
    sockets.pass(1000);
    rates.sweep();
    expect(rates.size).toBe(0);
  });
});

it('is told from what stands behind it', () => {
  const { rates } = rated();
  const echo = new EchoHandler({ messagesIn: 0, messagesOut: 0 });
  expect(innerHandler(new RatedHandler(echo, rates, '203.0.113.1'))).toBe(echo);
  expect(innerHandler(echo)).toBe(echo);
});
