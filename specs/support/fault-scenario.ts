// What a gateway does in a day, in one run: accept, handshake, requests and replies, an upgrade, messages, an event stream, files,
// slow and bad requests, closing from either side, draining. Victims do all of it, and one operation of theirs fails; bystanders on the
// same topics must notice nothing.

import { Pool } from '@sluice/brigade';
import { Connection, HttpSession, WebSocketSession, type Session } from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { Hub, type Publication } from '@sluice/hub';
import { Random } from '@sluice/transport-memory';
import { WebSocketEngine } from '@sluice/websocket';
import * as Effect from 'effect/Effect';
import { ClientConnection } from './client-connection.ts';
import { FaultyTransport, Patches, type FaultMode, FaultPoints } from './fault-points.ts';
import { Poster, SocketFollower, StreamFollower, type World } from './simulated-clients.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

const topic = 'news';
const historyAgeMs = 60_000;

/** Sessions that are met only once they take over: their methods, and those of what handles their messages. */
const sessionMethods = ['attach', 'receive', 'receiveEnd', 'step', 'setaside', 'onWritable', 'drain', 'refuse', 'probe', 'end'];

function portOf(session: object): number | null {
  return (session as Partial<Session & { connection: Connection }>).connection?.endpoint.peer.port ?? null;
}

/** Makes points of everything a connection passes through. One per process at a time. */
export function patchEverything(): Patches {
  const patches = new Patches();
  const met = new WeakSet<object>();
  const ports = new Map<string, number>();
  const portOfSubscriber = (subscriber: object): number | null => ports.get((subscriber as { id: string }).id) ?? null;
  patches.patch(HttpSession.prototype, 'HttpSession', [...sessionMethods, 'upgrade', 'takeOver', 'finishReply'], portOf);
  patches.patch(WebSocketSession.prototype, 'WebSocketSession', [...sessionMethods, 'send', 'sendShared', 'close'], portOf);
  patches.patch(Http1Engine.prototype, 'Http1Engine', ['receive', 'next', 'sendHead', 'sendData', 'sendBucket', 'sendEnd', 'acceptUpgrade', 'takeLeftover']);
  patches.patch(WebSocketEngine.prototype, 'WebSocketEngine', ['receive', 'next', 'sendMessage', 'sendShared', 'close', 'sendPing']);
  patches.patch(Hub.prototype, 'Hub', ['publish', 'join', 'history', 'presence']);
  patches.patch(Pool.prototype, 'Pool', ['subpool']);
  const { handOver } = Connection.prototype;
  patches.replace(Connection.prototype, 'handOver', function (this: Connection, next: Session, leftover: Uint8Array | null) {
    if (!met.has(next)) {
      met.add(next);
      const prototype = Object.getPrototypeOf(next) as object;
      ports.set(String(this.id), this.endpoint.peer.port);
      if (next instanceof WebSocketSession) {
        patches.patch(Object.getPrototypeOf(next.handler) as object, 'Handler', ['deliver', 'gap', 'evict'], portOfSubscriber);
        patches.patch(Object.getPrototypeOf(next.handler) as object, 'Handler', ['onOpen', 'onMessage', 'onWritable', 'onClose']);
      } else {
        patches.patch(prototype, prototype.constructor.name, ['deliver', 'gap', 'evict'], portOfSubscriber);
        patches.patch(prototype, prototype.constructor.name, sessionMethods);
      }
    }
    const { points } = patches;
    if (points === null) handOver.call(this, next, leftover);
    else points.around('Connection.handOver', this.endpoint.peer.port, () => handOver.call(this, next, leftover));
  });
  return patches;
}

class Victim extends ClientConnection {
  replies = 0;
  statuses: number[] = [];
  messages = 0;
  pieces = '';
  isOpen = false;

  override onReply({ status }: { status: number }): void {
    this.replies++;
    this.statuses.push(status);
  }

  override onPiece(piece: string): void {
    this.pieces += piece;
  }

  override onOpen(): void {
    this.isOpen = true;
  }

  override onMessage(): void {
    this.messages++;
  }
}

export interface ScenarioOutcome {
  readonly points: FaultPoints;
  /** What went wrong besides the injected failure; empty when all is well. */
  readonly problems: readonly string[];
  /** Statuses the victims saw, in the order of requests; to be sure that the run without a failure does what it is meant to. */
  readonly statuses: readonly number[];
  readonly closeCodes: readonly number[];
}

export interface ScenarioOptions {
  readonly mode: FaultMode;
  /** 0 for none. */
  readonly point: number;
  readonly patches: Patches;
  /** Holds `small.txt` and `large.bin`. */
  readonly root: string;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for what takes real time, files and promises, while no virtual time passes. */
async function settleReal(gateway: SimulatedGateway, condition: () => boolean): Promise<void> {
  const { clock } = gateway.network;
  const startedAt = performance.now();
  while (!condition() && performance.now() - startedAt < 2000) {
    while (clock.nextAt() <= clock.now()) clock.step();
    await nextTurn();
  }
}

export async function playScenario({ mode, point, patches, root }: ScenarioOptions): Promise<ScenarioOutcome> {
  const points = new FaultPoints(mode, point);
  const gateway = await SimulatedGateway.start({
    seed: 1,
    around: (transport) => new FaultyTransport(transport, points),
    config: { root, static: { maxCachedFileBytes: 1000 }, history: { ageMs: historyAgeMs }, timeouts: { pingIntervalMs: 5000, idleTimeoutMs: 15_000, handshakeTimeoutMs: 11_000 } },
  });
  const { hub, registry } = gateway.running.gateway;
  const truth = new Map<string, string[]>([[topic, []]]);
  const witness = hub.join({
    id: 'witness',
    info: null,
    deliver({ payload }: Publication) {
      truth.get(topic)!.push(Buffer.from(payload.bytes!.subarray(payload.start, payload.start + payload.length)).toString());
      return true;
    },
    gap() {},
    evict() {},
  });
  witness.subscribe(topic);

  const world: World = { gateway, random: new Random(1), truth, beginning: `${hub.epoch}:0` };
  const followers = [new SocketFollower(world, 'socket', topic), new StreamFollower(world, 'stream', topic)];
  const poster = new Poster(world, 'poster');
  const bystanders = [...followers, poster];
  for (const bystander of bystanders) bystander.connect();
  gateway.settle(() => registry.size === 3 && hub.stats().members === 3);
  poster.publish(topic, 'the first');
  gateway.settle(() => poster.acknowledged === 1);

  const victims: Victim[] = [];
  points.peerFault = (port, how) => {
    const victim = victims.find(({ endpoint }) => endpoint.local.port === port);
    if (how === 'reset') victim?.endpoint.abort();
    else victim?.endpoint.shutdown();
  };
  const connect = (): Victim => {
    let victim: Victim | null = null;
    points.takesVictims = true;
    gateway.network.connect(gateway.address, {
      onConnect(endpoint) {
        points.takesVictims = false;
        victim = new Victim(endpoint, () => world.random.next() | 0);
        victims.push(victim);
      },
      onFailure(error) {
        throw error;
      },
    });
    gateway.settle(() => victim !== null);
    return victim!;
  };
  /** Waits for the victim, who may be gone by now. */
  const until = (victim: Victim, condition: () => boolean): void => void gateway.settle(() => condition() || victim.isClosed || victim.hasEnded, 20_000);
  const publish = (): void => {
    const { acknowledged } = poster;
    poster.publish(topic, 'to everybody');
    gateway.settle(() => poster.acknowledged > acknowledged, 5000);
  };

  patches.points = points;
  const rejections: string[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(String(reason));
  process.on('unhandledRejection', onRejection);
  const problems: string[] = [];
  try {
    const http = connect();
    for (const request of requests) {
      if (http.isClosed || http.hasEnded || !http.http.keepAlive) break;
      const { replies } = http;
      http.request(request.method, request.target, [], request.body ?? null);
      await settleReal(gateway, () => http.replies > replies || http.isClosed || http.hasEnded);
    }
    const stream = connect();
    stream.request('GET', `/topics/${topic}`, ['Accept', 'text/event-stream', 'Last-Event-ID', world.beginning]);
    until(stream, () => stream.pieces.includes('data:'));
    const socket = connect();
    socket.upgrade(`/topics/${topic}`, ['sluice.v1']);
    until(socket, () => socket.isOpen && socket.messages > 0);
    const drained = connect();
    drained.upgrade(`/topics/${topic}?since=${world.beginning}`);
    until(drained, () => drained.isOpen && drained.messages > 0);
    socket.send('from a socket');
    socket.send('and another');
    until(socket, () => socket.messages > 2);
    publish();
    until(socket, () => socket.messages > 3);
    until(stream, () => stream.pieces.includes('to everybody'));
    const slow = connect();
    slow.http.output.writeLatin1('GET / HTTP/1.1\r\nHost: gate');
    slow.flush();
    const half = connect();
    half.http.output.writeLatin1(`POST /topics/${topic} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 10\r\n\r\nhalf`);
    half.flush();
    const bad = connect();
    bad.http.output.writeLatin1('GET / HTTP/1.1\r\nHost : gateway\r\n\r\n');
    bad.flush();
    // Pings, comments and the handshake time-out.
    gateway.pass(12_000);
    half.endpoint.abort();
    socket.leave();
    until(socket, () => socket.isClosed);
    if (!http.isClosed && !http.hasEnded) http.leave();
    publish();
    if (!gateway.settle(() => followers.every((one) => one.isUpToDate))) problems.push('a bystander did not get everything');
    for (const one of bystanders) if (one.connections !== 1 || one.connection === null) problems.push(`${one.name} was disturbed`);
    if (poster.acknowledged !== poster.sent) problems.push('a publication of a bystander was not taken');

    for (const one of bystanders) one.finish(true);
    gateway.settle(() => bystanders.every(({ connection }) => connection === null));
    let result: { drained: number; aborted: number } | null = null;
    const draining = Effect.runPromise(gateway.running.gateway.drain).then((done) => (result = done));
    await gateway.network.until(() => result !== null, nextTurn);
    await draining;
    if (registry.size > 0) problems.push(`${registry.size} connections survived the drain`);
    // Clients whose endpoint the gateway has left alone by now have nobody to talk to.
    for (const victim of victims) if (!victim.isClosed) victim.endpoint.abort();
    await nextTurn();
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    patches.points = null;
    for (const one of bystanders) one.finish(false);
    process.off('unhandledRejection', onRejection);
  }
  problems.push(...leftovers(gateway));
  witness.leave();
  try {
    await gateway.stopAndCheck();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  problems.push(...points.escaped.map((text) => `escaped: ${text}`), ...rejections.map((text) => `unhandled rejection: ${text}`));
  return {
    points,
    problems,
    statuses: victims.flatMap(({ statuses }) => statuses),
    closeCodes: victims.map(({ closeCode }) => closeCode).filter((code) => code !== 0),
  };
}

/** What is left while the gateway still runs, the witness apart, when history has become too old: the file cache at most. */
function leftovers(gateway: SimulatedGateway): string[] {
  const { hub, registry, pool } = gateway.running.gateway;
  const found: string[] = [];
  if (registry.size !== 0) found.push(`${registry.size} connections are open`);
  if (gateway.loop.wheel.size !== 0) found.push(`${gateway.loop.wheel.size} deadlines are armed`);
  gateway.pass(historyAgeMs + 5000);
  const { members, subscriptions } = hub.stats();
  if (members !== 1 || subscriptions !== 1) found.push(`${members - 1} members and ${subscriptions - 1} subscriptions are in the hub`);
  const { bytes, handles } = pool.outstanding();
  if (bytes > 'small'.length || handles > 2) found.push(`${bytes} bytes and ${handles} handles are outstanding`);
  return found;
}

const requests: readonly { readonly method: string; readonly target: string; readonly body?: string }[] = [
  { method: 'POST', target: `/topics/${topic}`, body: 'from a victim' },
  { method: 'GET', target: `/topics/${topic}?limit=10` },
  { method: 'GET', target: `/topics/${topic}/presence` },
  { method: 'GET', target: '/small.txt' },
  { method: 'GET', target: '/large.bin' },
  { method: 'GET', target: '/small.txt' },
  { method: 'GET', target: '/large.bin' },
  { method: 'HEAD', target: '/large.bin' },
  { method: 'GET', target: '/nothing' },
  { method: 'PUT', target: `/topics/${topic}`, body: 'no' },
];
