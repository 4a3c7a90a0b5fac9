// A command protocol over mutual TLS, its line 10: what a connection's state is, and who can reach which part of it.

import { Pool } from '@sluice/brigade';
import { CommandEngine, CommandEvent, headBytes, privateBytes, userBytes } from '@sluice/command';
import { CommandSession } from '@sluice/connection';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommandStage, places } from '../../support/command-stage.ts';
import { ok, request } from '../../support/command-wire.ts';
import { answerTo, makePeers, thumbprintsOf, type PeerSet } from '../../support/peer-certificates.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function serverEngine(pool = new Pool('state')): CommandEngine {
  const engine = new CommandEngine({ role: 'server', pool });
  engine.sendGreeting();
  engine.output.consume(engine.output.length);
  return engine;
}

/** Gives it bytes and answers its replies: each request is echoed. */
function exchange(engine: CommandEngine, text: string): string {
  const bytes = bytesOf(text);
  engine.receive(bytes, 0, bytes.length);
  while (engine.next() === CommandEvent.Request) engine.sendReply(engine.request.sequence, engine.data, engine.dataStart, engine.dataEnd);
  const replies = Buffer.from(engine.output.flatten()).toString('latin1');
  engine.output.consume(engine.output.length);
  return replies;
}

/** Every ArrayBuffer that can be reached from a value by properties of any kind, getters included. */
function reachableBuffers(root: object): Set<ArrayBufferLike> {
  const buffers = new Set<ArrayBufferLike>();
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || typeof value === 'function') return;
    for (let owner: object | null = value; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner) as object | null) {
      for (const key of Reflect.ownKeys(owner)) {
        try {
          visit(Reflect.get(owner, key, value));
        } catch {
          // A getter for the other role.
        }
      }
    }
  };
  visit(root);
  return buffers;
}

describe('10. connection state is 8,192 bytes by default', () => {
  it('64 private, 64 for the user, 8,064 of message buffer', () => {
    expect([privateBytes, userBytes, headBytes]).toEqual([64, 64, 8064]);
    const engine = serverEngine();
    exchange(engine, 'P');
    expect(engine.stateBytes).toBe(8192);
    // It stays that, whatever comes; a message larger than it is refused by default.
    exchange(engine, `ING\r\nSequence: 1\r\n\r\n${request('ECHO', 2, 'x'.repeat(8000))}`);
    expect(engine.stateBytes).toBe(8192);
  });

  it("the user's part is zeroed, aligned, the user's alone and there to stay", () => {
    const engine = serverEngine();
    expect(exchange(engine, request('ECHO', 1, 'one'))).toBe(ok(1, 'one'));
    const user = engine.user!;
    expect(user).toEqual(new Uint8Array(64));
    expect([user.byteOffset, user.byteLength]).toEqual([0, 64]);
    const counters = new BigUint64Array(user.buffer, user.byteOffset, 8);
    counters.fill(0xfedc_ba98_7654_3210n);
    for (let at = 0; at < 100; at++) expect(exchange(engine, request('ECHO', at, `body ${at}`))).toBe(ok(at, `body ${at}`));
    expect(engine.user).toBe(user);
    expect([...counters]).toEqual(Array<bigint>(8).fill(0xfedc_ba98_7654_3210n));
  });

  it('the private part is not reachable, and nothing that is reachable leads a message astray', () => {
    const engine = serverEngine();
    const message = request('ECHO', 'torn', 'a body in two pieces');
    // In the middle of a message the private part says how far it has come.
    exchange(engine, message.slice(0, 40));
    const { user } = engine;
    const buffers = reachableBuffers(engine);
    expect(buffers.has(user!.buffer)).toBe(true);
    expect([...buffers].filter(({ byteLength }) => byteLength === privateBytes)).toEqual([user!.buffer]);
    user!.fill(0xff);
    expect(exchange(engine, message.slice(40))).toBe(ok('torn', 'a body in two pieces'));
  });

  it('nothing is allocated before the first byte arrives', () => {
    const pool = new Pool('many');
    const count = 5000;
    const started = process.memoryUsage().arrayBuffers;
    const engines = Array.from({ length: count }, () => {
      const engine = new CommandEngine({ role: 'server', pool });
      engine.sendGreeting();
      return engine;
    });
    // But for the greetings, which are the pool's.
    for (const engine of engines) engine.output.consume(engine.output.length);
    expect(engines.every(({ stateBytes, user }) => stateBytes === 0 && user === null)).toBe(true);
    const before = process.memoryUsage().arrayBuffers;
    expect(before - started).toBeLessThan(count * 500);
    const first = bytesOf('P');
    for (const engine of engines) {
      engine.receive(first, 0, 1);
      engine.next();
    }
    const each = (process.memoryUsage().arrayBuffers - before) / count;
    expect(each).toBeGreaterThan(7500);
    expect(each).toBeLessThan(8600);
  });
});

describe.each(places)('10. in the gateway, %s', (place) => {
  let peers: PeerSet;
  let stage: CommandStage;
  beforeAll(async () => {
    peers = await makePeers(place === 'in memory' ? Date.UTC(2026, 0, 1) : Date.now());
  });
  afterEach(() => stage.stop());

  function engineOf(): CommandEngine {
    const { session } = stage.latest();
    if (!(session instanceof CommandSession)) throw new Error('not a command connection');
    return session.engine;
  }

  it('a connection that was greeted has none of it, and all of it from its first byte on', async () => {
    stage = await CommandStage.start(place, { thumbprints: thumbprintsOf(peers) });
    const peer = await stage.greeted(peers.good);
    const engine = engineOf();
    expect([engine.stateBytes, engine.user]).toEqual([0, null]);
    peer.send('P');
    await stage.until('the byte has come', () => engine.stateBytes > 0);
    expect(engine.stateBytes).toBe(8192);
    await peer.answers(`ING\r\nSequence: 1\r\n\r\n`, ok(1));
    expect(engine.stateBytes).toBe(8192);
  });

  it('who is refused never gets any, however much it sends', async () => {
    stage = await CommandStage.start(place, { thumbprints: thumbprintsOf(peers) });
    const peer = await stage.connect(peers.unknown);
    const engine = engineOf();
    for (let at = 0; at < 20 && !peer.isClosed; at++) {
      peer.send(request('ECHO', at, 'x'.repeat(5000)));
      await stage.pass(0);
    }
    expect(await peer.rest()).toBe(answerTo('unknown', peers));
    expect(engine.stateBytes).toBe(0);
  });
});
