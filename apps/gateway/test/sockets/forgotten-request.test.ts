// A WebSocket's request is gone once it has been answered: nothing of the session leads to it any more.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocketSession, type HttpExchange, type HttpSession } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { MirrorHandler } from '../../src/demo/mirror.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: object) => Promise<void>;

/** Every object that can be reached, however deep, and every text. Private fields are not seen: `reachable` is for what is plain. */
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

describe('after the upgrade', () => {
  it('the HTTP session, its engine, the exchange and the head are collected', async () => {
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
});

describe('at the upgrade', () => {
  it('the maker of a socket sees fields and target, and may copy them', async () => {
    const { SocketUpgrades } = await import('../../src/sockets/upgrades.ts');
    const copied: string[] = [];
    const original = SocketUpgrades.prototype.accept;
    const memory = await GatewayInMemory.start();
    SocketUpgrades.prototype.accept = function accept(exchange: HttpExchange, make): void {
      original.call(this, exchange, (subprotocol, request) => {
        copied.push(request.head.get('user-agent') ?? '', request.target);
        return make(subprotocol, request);
      });
    };
    try {
      const client = memory.connect();
      client.upgrade('/mirror?room=7', 'User-Agent: test/1');
      memory.pass(1);
      expect(copied).toEqual(['test/1', '/mirror?room=7']);
      const [connection] = memory.gateway.registry.all();
      expect((connection!.session as WebSocketSession).handler).toBeInstanceOf(MirrorHandler);
    } finally {
      SocketUpgrades.prototype.accept = original;
      await memory.stop();
    }
  });
});
