// Lines 6 and 7: who is reached by a tag, and what is left of a request behind its handshake.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HttpSession, type HttpExchange } from '@sluice/connection';
import { Random } from '@sluice/transport-memory';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayAt, SessionsAt, placeNames } from '../../support/places.ts';
import { RecordingHandler, socketServer } from '../../support/socket-server.ts';
import type { SocketPeer } from '../../support/socket-peer.ts';
import { opcodes } from '../../support/websocket-wire.ts';

let closing: (() => Promise<void>) | null = null;
afterEach(async () => {
  const close = closing;
  closing = null;
  await close?.();
});

async function start(name: (typeof placeNames)[number], config: Record<string, unknown> = {}): Promise<GatewayAt> {
  const at = await GatewayAt.start(name, config);
  closing = () => at.stopAndCheck();
  return at;
}

/** Sends over HTTP; answers how many were reached. */
async function post(at: GatewayAt, tag: string, body: string | Buffer, type = 'text/plain'): Promise<number> {
  const peer = await at.connect();
  const bytes = Buffer.from(body);
  peer.send(`POST /tags/${encodeURIComponent(tag)} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
  peer.send(bytes);
  await at.until('the receivers', () => peer.reply !== null);
  expect(peer.reply!.status).toBe(200);
  return (JSON.parse(peer.reply!.body.toString()) as { receivers: number }).receivers;
}

describe.each(placeNames)('6. tags: sendTextByTag, sendBinaryByTag reach every session with the tag, no other, none after close, %s', (name) => {
  /** Whatever was on its way has arrived at everyone: this did, and it came behind. */
  async function fence(at: GatewayAt, peers: readonly SocketPeer[]): Promise<void> {
    const bytes = Buffer.from('fence');
    at.running.gateway.hub.publish('room', bytes, 0, bytes.length, 'text');
    await at.until('the fence', () => peers.every((peer) => peer.texts.at(-1) === 'fence'));
  }

  it('over HTTP and by the hub, as text and as binary', async () => {
    const at = await start(name);
    const { hub } = at.running.gateway;
    const [one, both, other, none] = [await at.open('/topics/room?tag=x'), await at.open('/topics/room?tag=x&tag=y'), await at.open('/topics/elsewhere?tag=y'), await at.open('/topics/room')];
    const bytes = Buffer.from([0xff, 0, 0x80]);
    expect(await post(at, 'x', 'to x')).toBe(2);
    expect(await post(at, 'x', bytes, 'application/octet-stream')).toBe(2);
    expect(hub.sendTextByTag('y', Buffer.from('to y'))).toBe(2);
    expect(hub.sendBinaryByTag('y', bytes)).toBe(2);
    expect(await post(at, 'nobody', 'lost')).toBe(0);
    await fence(at, [one, both, none]);
    await at.until("the other's", () => other.messages.length === 2);
    const got = (peer: SocketPeer) => peer.messages.map(({ opcode, payload }) => [opcode, payload.toString('latin1')]);
    const raw = [opcodes.binary, bytes.toString('latin1')];
    const fenced = [opcodes.text, 'fence'];
    expect(got(one)).toEqual([[opcodes.text, 'to x'], raw, fenced]);
    expect(got(both)).toEqual([[opcodes.text, 'to x'], raw, [opcodes.text, 'to y'], raw, fenced]);
    expect(got(other)).toEqual([[opcodes.text, 'to y'], raw]);
    expect(got(none)).toEqual([fenced]);
  });

  it('none after close: by close frame, by RST, and a newcomer without the tag gets nothing either', async () => {
    const at = await start(name);
    const { hub } = at.running.gateway;
    const [leaving, reset, staying] = [await at.open('/topics/room?tag=x'), await at.open('/topics/room?tag=x'), await at.open('/topics/room?tag=x')];
    expect(await post(at, 'x', 'first')).toBe(3);
    await at.until('the first', () => [leaving, reset, staying].every(({ messages }) => messages.length === 1));
    leaving.close();
    reset.endpoint.abort();
    await at.until('they are gone', () => hub.stats().members === 1);
    const newcomer = await at.open('/topics/room');
    expect(await post(at, 'x', 'second')).toBe(1);
    await fence(at, [staying, newcomer]);
    expect([leaving.texts, reset.texts, staying.texts, newcomer.texts]).toEqual([['first'], ['first'], ['first', 'second', 'fence'], ['fence']]);
    staying.close();
    await at.until('nobody has it', () => hub.stats().tags === 0);
    expect([await post(at, 'x', 'third'), hub.sendTextByTag('x', Buffer.from('third'))]).toEqual([0, 0]);
  });

  it('whoever has which, coming and going: each gets exactly what its tags were sent', async () => {
    const at = await start(name);
    const { hub } = at.running.gateway;
    const seed = 20_260_101;
    const random = new Random(seed);
    const tags = ['red', 'green', 'blå', 'a b', '50%'];
    const members: { peer: SocketPeer; tags: string[]; expected: string[] }[] = [];
    for (let step = 0; step < 120; step++) {
      const drawn = random.below(4);
      if (drawn === 0 || members.length < 3) {
        const own = tags.filter(() => random.below(2) === 0);
        members.push({ peer: await at.open(`/topics/room?${new URLSearchParams(own.map((tag) => ['tag', tag]))}`), tags: own, expected: [] });
      } else if (drawn === 1 && members.length > 6) {
        const [gone] = members.splice(random.below(members.length), 1);
        const { length } = members;
        gone!.peer.close();
        await at.until('it is gone', () => hub.stats().members === length);
      } else {
        const tag = tags[random.below(tags.length)]!;
        const reached = members.filter((member) => member.tags.includes(tag));
        for (const { expected } of reached) expected.push(`${step} to ${tag}`);
        expect(hub.sendTextByTag(tag, Buffer.from(`${step} to ${tag}`)), `seed ${seed}, step ${step}`).toBe(reached.length);
      }
    }
    await fence(at, members.map(({ peer }) => peer));
    for (const { peer, expected } of members) expect(peer.texts, `seed ${seed}`).toEqual([...expected, 'fence']);
  });
});

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Whether the collector has taken them all; it may need to be asked more than once. */
async function areGone(references: readonly WeakRef<object>[]): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    // What a job has looked at stays until it is over.
    await nextTurn();
    gc();
    await nextTurn();
    if (references.every((reference) => reference.deref() === undefined)) return true;
  }
  return false;
}

describe.each(placeNames)('7. request headers and URI are available to the session when asked for, and not retained otherwise, %s', (name) => {
  const fields = ['User-Agent: curious/1.0', `X-Long: ${'l'.repeat(4000)}`, 'Cookie: secret'];

  it('a session that asks has them for as long as it likes', async () => {
    class Curious extends RecordingHandler {
      readonly agent: string | null;
      readonly target: string;
      readonly names: readonly string[];
      constructor({ head, target }: HttpExchange) {
        super();
        this.agent = head.get('user-agent');
        this.target = target;
        this.names = ['x-long', 'cookie', 'x-none'].filter((one) => head.has(one));
      }
    }
    const made: Curious[] = [];
    const at = await SessionsAt.start(name, socketServer((exchange) => (made.push(new Curious(exchange)), made.at(-1)!)));
    closing = () => at.stopAndCheck();
    for (const target of ['/first?a=1', '/second']) {
      const peer = await at.connect();
      peer.upgrade(target, ...fields);
      await at.until('the socket', () => peer.isOpen);
      // What comes later does not change what was taken.
      peer.sendText('GET /third HTTP/1.1');
      await at.until('the message', () => made.at(-1)!.seen.length === 1);
    }
    expect(made.map(({ agent, target, names }) => [agent, target, names])).toEqual([
      ['curious/1.0', '/first?a=1', ['x-long', 'cookie']],
      ['curious/1.0', '/second', ['x-long', 'cookie']],
    ]);
  });

  it('without being asked for nothing of the request is left: not the exchange, not its head, not what read it', async () => {
    const references: WeakRef<object>[] = [];
    const kept: HttpExchange[] = [];
    const keeping: WeakRef<object>[] = [];
    const at = await SessionsAt.start(
      name,
      socketServer((exchange) => {
        if (exchange.target === '/keep') {
          kept.push(exchange);
          keeping.push(new WeakRef(exchange), new WeakRef(exchange.head));
        } else references.push(new WeakRef(exchange), new WeakRef(exchange.head), new WeakRef(exchange.session), new WeakRef(exchange.session.engine));
        return new RecordingHandler();
      }),
    );
    closing = () => at.stopAndCheck();
    const peers: SocketPeer[] = [];
    for (const target of ['/a', '/b', '/keep', '/c']) {
      const peer = await at.connect();
      peers.push(peer);
      peer.upgrade(target, ...fields);
      await at.until('the socket', () => peer.isOpen);
    }
    expect(references).toHaveLength(12);
    expect(await areGone(references)).toBe(true);
    // The collector takes only what nobody holds: whoever keeps an exchange has it.
    expect([keeping.every((reference) => reference.deref() !== undefined), kept.length]).toEqual([true, 1]);
    expect(at.registry.size).toBe(4);
  });

  it('nor by the gateway, whose sockets are topics with tags', async () => {
    const at = await start(name);
    const { registry } = at.running.gateway;
    const references: WeakRef<object>[] = [];
    const last = (): HttpSession => [...registry.all()].at(-1)!.session as HttpSession;
    // Not in the loop: a function that waits holds its variables.
    const note = (): void => {
      const { engine } = last();
      references.push(new WeakRef(last()), new WeakRef(engine), new WeakRef(engine.request));
    };
    const connectAnd = async (): Promise<SocketPeer> => {
      const peer = await at.connect();
      await at.until('the connection', () => registry.size === at.peers.length);
      expect(last()).toBeInstanceOf(HttpSession);
      return peer;
    };
    for (let i = 0; i < 10; i++) {
      const peer = await connectAnd();
      note();
      peer.upgrade(`/topics/room.${i}?tag=t${i}&more=${'m'.repeat(1000)}`, ...fields);
      await at.until('the socket', () => peer.isOpen);
    }
    await connectAnd();
    const waiting = new WeakRef(last());
    expect(await areGone(references)).toBe(true);
    expect(waiting.deref(), 'a connection that still speaks HTTP').toBeDefined();
    // What was asked for is there: the topic and the tag.
    expect(at.running.gateway.hub.stats()).toMatchObject({ members: 10, subscriptions: 10, tags: 10 });
  });
});
