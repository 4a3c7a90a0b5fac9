// A WebSocket's request is gone once it has been answered: nothing of the session leads to it any more.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocketSession, type HttpSession } from '@sluice/connection';
import { ZlibDeflate } from '@sluice/websocket/zlib';
import { expect, it } from 'vitest';
import { EchoHandler } from '../../src/demo/echo.ts';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';
import { PeerRates } from '../../src/limits/peer-rates.ts';
import { SocketUpgrades } from '../../src/sockets/upgrades.ts';
import { GatewayInMemory, configOf } from '../in-memory/gateway.ts';
import { SocketsInMemory } from '../in-memory/sockets.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: object) => Promise<void>;

/** Every text in properties that can be reached, however deep. Private fields are not seen: those are for the collector to tell. */
function textsOf(root: object): string {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) visit((value as Record<PropertyKey, unknown>)[key]);
  };
  visit(root);
  return texts.join('\n');
}

it('after the upgrade the HTTP session, its engine, the exchange and the head are collected', async () => {
  const memory = await GatewayInMemory.start();
  const client = memory.connect();
  const [connection] = memory.gateway.registry.all();
  const http = new WeakRef(connection!.session as HttpSession);
  const head = new WeakRef((connection!.session as HttpSession).engine.request);
  client.upgrade('/topics/news?since=', 'X-Secret: of-this-request-only');
  memory.pass(100);
  expect(connection!.session).toBeInstanceOf(WebSocketSession);
  for (let i = 0; i < 20 && (http.deref() !== undefined || head.deref() !== undefined); i++) {
    await new Promise((resolve) => setImmediate(resolve));
    await collect({ execution: 'async' });
  }
  expect(http.deref()).toBeUndefined();
  expect(head.deref()).toBeUndefined();
  expect(textsOf(connection!.session)).not.toContain('of-this-request-only');
  client.sendFrame('still here');
  memory.pass(10);
  expect(client.frames().map(({ payload }) => payload)).toEqual(['still here']);
  await memory.stop();
});

it('at the upgrade, the maker of a socket sees fields and target, and may copy them', () => {
  const sockets = new SocketsInMemory();
  const { clock } = sockets.network;
  const config = configOf();
  const exempt = new ExemptPeers(true, []);
  const rates = new PeerRates({ clock, exempt, messagesPerSecond: 0, messageBurst: 1, connectionsPerSecond: 0, connectionBurst: 1, maxPeers: 1 });
  const upgrades = new SocketUpgrades(config, new ZlibDeflate(config.compression.memoryLevel), rates, { pingIntervalMs: 0, idleTimeoutMs: 0 });
  const copied: string[] = [];
  sockets.serveRequests({
    onRequest: (exchange) =>
      upgrades.accept(exchange, (_subprotocol, { head, target }) => {
        copied.push(head.get('user-agent') ?? '', target);
        return new EchoHandler({ messagesIn: 0, messagesOut: 0 });
      }),
    onReplied() {},
    errorReply: () => ({ headers: [], body: new Uint8Array(0) }),
  });
  const client = sockets.connect();
  client.upgrade('/room?number=7', 'User-Agent: test/1');
  client.sendFrame('there');
  sockets.pass(1);
  expect(copied).toEqual(['test/1', '/room?number=7']);
  expect(client.frames()).toEqual([{ opcode: 1, payload: 'there' }]);
});
