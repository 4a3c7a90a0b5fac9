// Line 8: what the one who runs it decides: whether it listens, over what, when it ends, and how long it waits.

import { Pool } from '@sluice/brigade';
import { HttpSession, type Session } from '@sluice/connection';
import { CommandEngine, CommandEvent } from '@sluice/command';
import { loadConfig } from '@sluice/gateway';
import { Http1Engine, Http1Event } from '@sluice/http1';
import { createNodeTransport, type NodeTransportOptions } from '@sluice/transport-node';
import { WebSocketEngine } from '@sluice/websocket';
import { afterEach, describe, expect, it } from 'vitest';
import { DrivenConnection } from '../../support/driven-connection.ts';
import { GatewayAt, placeNames, type PlaceName } from '../../support/places.ts';
import { runGateway } from '../../support/running-gateway.ts';
import { RecordingHandler, plainSocket } from '../../support/socket-server.ts';
import { SocketPeer } from '../../support/socket-peer.ts';
import { framesOf } from '../../support/websocket-wire.ts';

let closing: (() => Promise<void>) | null = null;
afterEach(async () => {
  const close = closing;
  closing = null;
  await close?.();
});

describe('8. built-in listeners can be off', () => {
  const listenSockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

  it('nothing listens then, and the gateway runs', async () => {
    const before = listenSockets();
    const running = await runGateway({ config: { http: [], admin: 'off' } });
    const { http, https, command, admin, hub } = running.gateway;
    expect([http, https, command, admin, listenSockets()]).toEqual([[], [], [], null, before]);
    expect(hub.publish('t', Buffer.from('x'), 0, 1, 'text').offset).toBe(1);
    await running.stop();
    const listening = await runGateway({ config: { admin: 'off' } });
    expect(listenSockets(), 'a listener that is on is seen').toBe(before + 1);
    await listening.stop();
  });
});

describe('8. the transport is chosen at start', () => {
  const ways: [string, NodeTransportOptions, readonly string[]][] = [
    ["the best of Node's", {}, ['native', 'handles', 'sockets']],
    ['without native calls', { nativeIo: 'off' }, ['handles', 'sockets']],
    ['sockets only', { bareHandles: 'off' }, ['sockets']],
  ];

  it.each(ways)('%s: the same gateway over it', async (_way, options, paths) => {
    const transport = createNodeTransport({ ...options, overloadShare: 1 });
    expect(paths).toContain(transport.path);
    const running = await runGateway({ config: { admin: 'off' }, transport });
    closing = () => running.stop();
    const peer = new SocketPeer(await transport.connect(running.gateway.http[0]!));
    peer.upgrade('/echo');
    peer.sendText('over this one');
    await expect.poll(() => peer.texts).toEqual(['over this one']);
    peer.endpoint.abort();
  });

  it('in memory: the same gateway, and no socket at all', async () => {
    const at = await GatewayAt.start('memory');
    closing = () => at.stopAndCheck();
    expect(at.place.transport.name).toBe('memory');
    const peer = await at.open('/echo');
    peer.sendText('over this one');
    await at.until('the echo', () => peer.texts[0] === 'over this one');
  });

  it('by name, and a name that means nothing is an error before anything starts', () => {
    const load = (transport: string) => loadConfig({ argv: ['--transport', transport], env: {}, readFile: () => '' });
    expect(load('node')).toMatchObject({ ok: true, config: { transport: 'node' } });
    expect(load('pigeon')).toMatchObject({ ok: false, problems: [{ where: expect.stringContaining('transport') }] });
  });
});

describe('8. the engine can close', () => {
  it('a WebSocket engine: a close frame, and nothing is sent behind it', () => {
    const engine = new WebSocketEngine({ role: 'server', pool: new Pool('engine') });
    engine.close(1000, 'enough');
    expect(engine.closeState).toBe('sent');
    expect(framesOf(Buffer.from(engine.output.flatten()).toString('latin1')).map(({ payload }) => payload.toString('utf8', 2))).toEqual(['enough']);
    engine.output.consume(engine.output.length);
    expect(() => engine.sendText(Buffer.from('more'), 0, 4)).toThrow();
    expect(engine.output.length).toBe(0);
  });

  it('an HTTP engine: the reply in progress says so, and no further request is looked at', () => {
    const engine = new Http1Engine({ role: 'server', pool: new Pool('engine') });
    engine.receive(Buffer.from('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n'));
    expect([engine.next(), engine.next()]).toEqual([Http1Event.Head, Http1Event.EndOfMessage]);
    engine.close();
    engine.sendHead(204, []);
    engine.sendEnd();
    expect(engine.next()).toBe(Http1Event.Closed);
    expect(Buffer.from(engine.output.flatten()).toString('latin1').toLowerCase()).toContain('\r\nconnection: close\r\n');
  });

  it('a command engine: requests in flight have their replies, no further one is read', () => {
    const engine = new CommandEngine({ role: 'server', pool: new Pool('engine') });
    engine.sendGreeting();
    engine.receive(Buffer.from('PING\r\nSequence: 1\r\n\r\nPING\r\nSequence: 2\r\n\r\n'));
    expect(engine.next()).toBe(CommandEvent.Request);
    engine.close();
    expect(engine.next()).toBe(CommandEvent.Closed);
    engine.sendReply('1');
    expect(Buffer.from(engine.output.flatten()).toString('latin1')).toBe('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
  });
});

const http = (keepAliveTimeoutMs: number) => (pool: Pool) =>
  new HttpSession(
    new Http1Engine({ role: 'server', pool }),
    { onRequest: (exchange) => exchange.reply(204, []), onReplied() {}, errorReply: () => ({ headers: [], body: new Uint8Array(0) }) },
    { keepAliveTimeoutMs },
  );
const timeouts = { handshakeTimeoutMs: 1000, requestTimeoutMs: 2000, sustainTimeoutMs: 0, closeTimeoutMs: 3000 };
const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

/** A wait that will be in vain: how it begins, which deadline it has, what comes of it. */
interface Wait {
  readonly waits: string;
  readonly timer: 'handshake' | 'idle' | 'sustain' | 'close';
  readonly afterMs: number;
  readonly reason: string;
  /** The last thing the peer is told. */
  readonly told: RegExp;
  begin(): DrivenConnection<Session>;
}

const closeFrame = (code: number): RegExp => new RegExp(`\\x88\\x02${Buffer.from([code >> 8, code & 0xff]).toString('latin1')}$`);

function socketOf(overrides: Partial<typeof timeouts>, idleTimeoutMs = 0): DrivenConnection<ReturnType<typeof plainSocket>> {
  const session = (pool: Pool) => plainSocket(pool, new RecordingHandler(), { pingIntervalMs: 0, idleTimeoutMs });
  const one = new DrivenConnection({ session, timeouts: { ...timeouts, ...overrides } });
  one.connection.established();
  return one;
}

const waits: Wait[] = [
  {
    waits: 'for the first request',
    timer: 'handshake',
    afterMs: 1000,
    reason: 'handshakeTimeout',
    told: /^HTTP\/1\.1 408 /,
    begin() {
      const one = new DrivenConnection({ session: http(0), timeouts });
      one.endpoint.arrive(request.slice(0, 9));
      return one;
    },
  },
  {
    waits: 'for the rest of a later request',
    timer: 'handshake',
    afterMs: 2000,
    reason: 'handshakeTimeout',
    told: /HTTP\/1\.1 408 /,
    begin() {
      const one = new DrivenConnection({ session: http(0), timeouts });
      one.endpoint.arrive(request);
      one.turn();
      one.endpoint.arrive(request.slice(0, 9));
      return one;
    },
  },
  {
    waits: 'for another request',
    timer: 'idle',
    afterMs: 5000,
    reason: 'idleTimeout',
    told: /^HTTP\/1\.1 204 [^]*\r\n\r\n$/,
    begin() {
      const one = new DrivenConnection({ session: http(5000), timeouts });
      one.endpoint.arrive(request);
      return one;
    },
  },
  { waits: 'for a word on a socket', timer: 'idle', afterMs: 4000, reason: 'idleTimeout', told: closeFrame(1001), begin: () => socketOf({}, 4000) },
  { waits: 'for a session to end', timer: 'sustain', afterMs: 6000, reason: 'sustainTimeout', told: closeFrame(1001), begin: () => socketOf({ sustainTimeoutMs: 6000 }) },
  {
    waits: "for the peer's half of closing",
    timer: 'close',
    afterMs: 3000,
    reason: 'drained',
    told: closeFrame(1001),
    begin() {
      const one = socketOf({});
      one.connection.drain();
      return one;
    },
  },
];

describe('8. it owns its time-outs, each with a reason', () => {
  it.each(waits)('it waits $waits: $timer, $afterMs ms, $reason', ({ timer, afterMs, reason, told, begin }) => {
    const { clock, connection, endpoint, closes, turn, over } = begin();
    turn();
    expect(connection.armedTimers()).toContainEqual({ name: timer, leftMs: afterMs });
    const { sent } = endpoint;
    clock.advanceBy(afterMs - 1);
    expect([endpoint.sent, endpoint.isShutdown, endpoint.closedBy]).toEqual([sent, false, null]);
    clock.advanceBy(1);
    turn();
    expect(connection.reason).toBe(reason);
    expect(endpoint.sent).toMatch(told);
    if (timer === 'close') expect(endpoint.closedBy).toBe('abort');
    // Whoever does not take part in closing either is reset.
    else clock.advanceBy(timeouts.closeTimeoutMs);
    expect(endpoint.closedBy).toBe('abort');
    endpoint.gone();
    expect(closes).toEqual([reason]);
    expect(over()).toEqual({ bytes: 0, deadlines: 0 });
  });

  it.each(waits)('it waits $waits: cancelled, it waits for ever', ({ timer, begin }) => {
    const { clock, connection, endpoint, closes, turn } = begin();
    turn();
    connection.cancelTimeout(timer);
    const { sent } = endpoint;
    clock.advanceBy(3_600_000);
    expect([endpoint.sent, endpoint.closedBy, closes]).toEqual([sent, null, []]);
  });

  it.each(waits)('it waits $waits: no longer than this connection alone was given', ({ timer, reason, begin }) => {
    const { clock, connection, endpoint, turn } = begin();
    turn();
    const { sent } = endpoint;
    connection.setTimeout(timer, 50);
    clock.advanceBy(49);
    expect([endpoint.sent, endpoint.isShutdown, endpoint.closedBy]).toEqual([sent, false, null]);
    clock.advanceBy(1);
    turn();
    expect([connection.reason, endpoint.sent !== sent || endpoint.isShutdown || endpoint.closedBy === 'abort']).toEqual([reason, true]);
  });

  it.each(placeNames)('%s: a gateway ends what waits too long, says so, and counts it by its reason', async (name: PlaceName) => {
    const at = await GatewayAt.start(name, { timeouts: { handshakeTimeoutMs: 300, requestTimeoutMs: 300, keepAliveTimeoutMs: 300, idleTimeoutMs: 300, pingIntervalMs: 0 } });
    closing = () => at.stopAndCheck();
    const [silent, slow, kept] = [await at.connect(), await at.connect(), await at.connect()];
    slow.send('GET /to');
    kept.send('GET /topics/t HTTP/1.1\r\nHost: h\r\n\r\n');
    const socket = await at.open('/echo');
    await at.until('all have ended', () => [silent, slow, kept].every((peer) => peer.hasEnded) && socket.closeCode !== 0);
    expect([silent, slow, kept, socket].map(({ reply }) => reply?.status)).toEqual([408, 408, 200, 101]);
    socket.close(1001);
    await at.until('nobody is there', () => at.held['connections'] === 0);
    expect([socket.closeCode, at.closes]).toEqual([1001, { handshakeTimeout: 2, idleTimeout: 2 }]);
  });

  it.each(placeNames)('%s: a gateway ends what has lasted long enough, however busy', async (name: PlaceName) => {
    const at = await GatewayAt.start(name, { timeouts: { sustainTimeoutMs: 150 } });
    closing = () => at.stopAndCheck();
    const socket = await at.open('/increment');
    await at.until('the goodbye', () => socket.closeCode !== 0);
    socket.close(1001);
    await at.until('nobody is there', () => at.held['connections'] === 0);
    expect([socket.closeCode, at.closes]).toEqual([1001, { sustainTimeout: 1 }]);
  });
});
