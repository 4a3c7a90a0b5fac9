// Line 9: everything sent goes to all, and who cannot keep up is nobody else's trouble.

import type { Connection } from '@sluice/connection';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, placeNames, type PlaceName } from '../../support/places.ts';
import type { SocketPeer } from '../../support/socket-peer.ts';

const windowBytes = 64 * 1024;
/** How often the gateway looks for members that are too slow. */
const sweepMs = 250;

/** The sender of what nobody looks at. */
const filling = 'filling';

let at: GatewayAt;
afterEach(() => at.stopAndCheck());

/** What a member has got. Messages are numbered by their senders: `2:17 …` is the 18th of sender 2. */
class Member {
  readonly peer: SocketPeer;
  /** Of its place in the gateway. */
  readonly connection: Connection;
  count = 0;
  /** Of all that came, in their order. */
  digest = 0;
  longestSilenceMs = 0;
  readonly #next = new Map<string, number>();
  #lastAtMs: number;

  constructor(peer: SocketPeer, connection: Connection) {
    this.peer = peer;
    this.connection = connection;
    const { clock } = at.place.loop;
    this.#lastAtMs = clock.now();
    peer.onMessage = ({ payload }) => {
      const [sender = '', number = ''] = payload.toString('latin1', 0, payload.indexOf(' ')).split(':');
      if (sender === filling) return;
      const expected = this.#next.get(sender) ?? 0;
      if (Number(number) !== expected) throw new Error(`${sender}:${number} where ${sender}:${expected} was due`);
      this.#next.set(sender, expected + 1);
      this.digest = (Math.imul(this.digest, 31) + Number(sender) * 65_537 + Number(number)) | 0;
      this.count++;
      this.longestSilenceMs = Math.max(this.longestSilenceMs, clock.now() - this.#lastAtMs);
      this.#lastAtMs = clock.now();
    };
  }
}

async function start(name: PlaceName, mirror: { maxFrames: number; maxBytes: number; graceMs: number }): Promise<void> {
  const windows = { outboundBytes: windowBytes, sharedWriteBytes: 16 * 1024 };
  at = await GatewayAt.start(name, { mirror, windows, compression: { enabled: false } });
}

async function join(count: number): Promise<Member[]> {
  const members: Member[] = [];
  for (let i = 0; i < count; i++) {
    const peer = await at.open('/mirror');
    members.push(new Member(peer, [...at.running.gateway.registry.all()].at(-1)!));
  }
  return members;
}

function send(member: Member, sender: number, count: number, bytes: number): void {
  for (let number = 0; number < count; number++) member.peer.sendText(`${sender}:${number} `.padEnd(bytes, 'm'));
}

describe('9. the mirror works reliably: everything sent goes to all, a bounded ring, the sender paused when it is nearly full, the slowest peer dropped', () => {
  it.each([
    ['sockets', 8 * 1024, { maxFrames: 64, maxBytes: 256 * 1024, graceMs: 600 }],
    ['memory', 2 * 1024, { maxFrames: 64, maxBytes: 128 * 1024, graceMs: 3000 }],
  ] as const)('%s: a hundred members, three of them sending, one that does not read', async (name, bytes, ring) => {
    const each = 60;
    const senders = 3;
    await start(name, ring);
    const { registry, pool } = at.running.gateway;
    const [slow, first] = (await join(2)) as [Member, Member];
    slow.peer.endpoint.setReading(false);
    // A kernel swallows some megabytes before a reader is slow to anyone: those come first, with nobody else there.
    while (slow.connection.endpoint.queuedBytes === 0) {
      first.peer.sendText(`${filling} `.padEnd(bytes, '-'));
      await at.place.settle();
    }
    const members = [first, ...(await join(98))];
    const sending = members.slice(0, senders);
    for (const [sender, member] of sending.entries()) send(member, sender, each, bytes);
    let mostHeld = 0;
    let pauses = 0;
    const sample = (): void => {
      mostHeld = Math.max(mostHeld, pool.outstanding().bytes);
      if (sending.some(({ connection }) => !connection.wantRead)) pauses++;
    };
    await at.until(
      'all of them at all of them',
      () => {
        sample();
        return members.every(({ count }) => count === senders * each);
      },
      15_000,
    );
    // Who did not read was dropped for it, and nobody else.
    await at.until('the drop', () => slow.connection.reason !== null);
    expect(slow.connection.reason).toBe('slowConsumer');
    expect(new Set(members.map(({ connection }) => connection.reason))).toEqual(new Set([null]));
    // One order for all.
    expect(new Set(members.map(({ digest }) => digest)).size).toBe(1);
    expect(pauses, 'senders were paused').toBeGreaterThan(0);
    // The ring; what has left it and stands in windows, the same for all but the slow one; and the read that each sender was stopped in.
    const unread = senders * (bytes + 64 * 1024);
    expect(mostHeld).toBeLessThanOrEqual(ring.maxBytes + 2 * (windowBytes + bytes) + unread);
    expect(mostHeld).toBeGreaterThan(ring.maxBytes / 2);
    // In virtual time the promise is exact: nobody waited longer than the grace and a sweep.
    if (name === 'memory') for (const { longestSilenceMs } of members) expect(longestSilenceMs).toBeLessThanOrEqual(ring.graceMs + sweepMs);
    if (name === 'memory') expect(members[0]!.longestSilenceMs).toBeGreaterThanOrEqual(ring.graceMs);
    slow.peer.endpoint.setReading(true);
    await at.until('its close', () => slow.peer.closeCode !== 0);
    expect(slow.peer.closeCode).toBe(1013);
    for (const { peer } of [...members, slow]) peer.close();
    await at.until('all are gone', () => registry.size === 0);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(at.closes).toEqual({ slowConsumer: 1, peerClosed: 99 });
  });
});

describe('9. the mirror: nothing lost while throttled', () => {
  it.each(placeNames)('%s: a member, and a sender, at a rate of their own', async (name) => {
    const ring = { maxFrames: 64, maxBytes: 128 * 1024, graceMs: 3000 };
    await start(name, ring);
    const members = await join(10);
    const [first, second, throttled] = members;
    // More than half a ring in a grace: slow, and not too slow.
    throttled!.connection.setThrottle('out', 300_000);
    first!.connection.setThrottle('in', 500_000);
    send(first!, 0, 150, 2048);
    send(second!, 1, 150, 2048);
    await at.until('all of them at all of them', () => members.every(({ count }) => count === 300), 15_000);
    expect(new Set(members.map(({ digest }) => digest)).size).toBe(1);
    expect(at.closes).toEqual({});
  });
});
