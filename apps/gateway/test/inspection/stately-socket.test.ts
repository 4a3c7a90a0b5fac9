import type { WebSocketSession } from '@sluice/connection';
import type { Watcher } from '@sluice/inspection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StatelySocket } from '../../src/inspection/stately-socket.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest, statusOf } from './admin-client.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start({ inspection: { maxWatchers: 2, maxQueuedEvents: 16, maxQueuedBytes: 65_536 } });
});
afterEach(() => running.stop());

function watching(query: string) {
  const client = running.connectAdmin();
  client.upgrade(`/inspection/stream${query}`);
  running.pass(1);
  const seen = () => {
    running.pass(1);
    return client.frames().map(({ opcode, payload }) => {
      if (opcode !== 1) return `opcode ${opcode}`;
      const { type, sessionId, event } = JSON.parse(payload) as { type: string; sessionId: string; event?: { type: string } };
      return [type.replace('@xstate.', ''), sessionId, ...(event === undefined ? [] : [event.type])].join(' ');
    });
  };
  return { client, seen };
}

function open(path = '/topics/news') {
  running.connect().upgrade(path);
  return newest(running);
}

describe('/inspection/stream', () => {
  it('shows everybody to who asks for nobody in particular', () => {
    const { seen } = watching('');
    const { sessionId } = open();
    const listener = running.gateway.listeners[0]!.actor.sessionId;
    expect(seen()).toEqual([
      'actor gateway',
      `actor ${listener}`,
      `actor ${sessionId}`,
      `event ${sessionId} HANDSHAKE.DONE`,
      `snapshot ${sessionId} HANDSHAKE.DONE`,
    ]);
  });

  it('shows chosen ones from the moment it begins, and closes when they have ended', () => {
    const [one, other] = [open(), open()];
    const { seen, client } = watching(`?id=${one.id}`);
    expect(seen().at(-1)).toBe(`actor ${one.sessionId}`);
    other.quench();
    expect(seen()).toEqual([]);
    one.abort();
    expect(seen()).toEqual([`event ${one.sessionId} ABORT`, `snapshot ${one.sessionId} ABORT`, 'opcode 8']);
    client.endpoint.abort();
  });

  it('closes, too, when the chosen one ends where the filter shows nothing of it', () => {
    const { id, sessionId } = open();
    const { seen } = watching(`?id=${id}&state=established.outbound.choked`);
    expect(seen().at(-1)).toBe(`actor ${sessionId}`);
    newest(running).abort();
    expect(seen()).toEqual(['opcode 8']);
  });

  it.each<[string, boolean]>([
    ['?topic=news', true],
    ['?topic=other', false],
    ['?tag=a', true],
    ['?tag=b', false],
    ['?peer=127.0.0.1&protocol=websocket', true],
    ['?peer=10.0.0.1', false],
    ['?state=established.inbound.quenched', true],
    ['?state=established.outbound.choked', false],
    ['?sample=1', true],
    ['?sample=0', false],
  ])('%s: %s', (query, isSeen) => {
    const connection = open('/topics/news?tag=a');
    const { seen } = watching(query);
    connection.quench();
    expect(seen().includes(`event ${connection.sessionId} INBOUND.FULL`)).toBe(isSeen);
  });

  it('ignores what the other side sends, and gives its place back when that goes', () => {
    const [first, second] = [watching(''), watching('')];
    first.client.sendFrame('{"type":"anything"}');
    const refused = running.connectAdmin().request('GET /inspection/stream', 'Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
    expect(statusOf(refused)).toBe(503);
    second.client.sendFrame('\u0003\u00e8', 8);
    running.pass(100);
    watching('');
    open();
    expect(first.seen()).toHaveLength(5);
  });

  it('loses events of a reader that takes none, marks how many, and holds nobody up', () => {
    const connection = open();
    const { client, seen } = watching(`?id=${connection.id}`);
    seen();
    client.endpoint.setReading(false);
    for (let i = 0; i < 10_000; i++) {
      connection.quench();
      connection.resume();
      if (i % 100 === 0) running.pass(1);
    }
    expect(running.gateway.pool.outstanding().bytes).toBeLessThan(4 * 1024 * 1024);
    client.endpoint.setReading(true);
    running.pass(100);
    expect(seen()).toContain('event gateway EVENTS.LOST');
  });
});

it('sends nothing when asking for room has found out that nobody is there', () => {
  const calls: string[] = [];
  const watcher = { onReadable: null, isOver: false, next: () => '{}', close: () => calls.push('watcher closed') } as unknown as Watcher;
  const stately = new StatelySocket(watcher, running.loop.turn);
  const socket = {
    connection: {
      admit: () => {
        stately.onClose();
        return true;
      },
    },
    send: () => calls.push('sent'),
    close: () => calls.push('closed'),
  };
  stately.onOpen(socket as unknown as WebSocketSession);
  running.pass(1);
  expect(calls).toEqual(['watcher closed']);
});
