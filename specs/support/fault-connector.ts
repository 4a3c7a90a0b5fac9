// An outbound connection's life, with an operation that fails: look-up, attempt, handshake, a message each way, the server's goodbye, coming
// back, another message, the end. One failure is none too many for a connector: it always comes to the end, and leaves nothing.

import { createHash } from 'node:crypto';
import { Pool } from '@sluice/brigade';
import { CommandEngine } from '@sluice/command';
import {
  CommandClientSession,
  Connector,
  WebSocketClientSession,
  WebSocketSession,
  defaultTimeouts,
  defaultWindows,
  noThrottles,
  type OutboundSession,
} from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { TransportError, type Endpoint, type PeerAddress, type Resolver, type Transport } from '@sluice/transport';
import { MemoryResolver, Random } from '@sluice/transport-memory';
import { Opcode, WebSocketEngine } from '@sluice/websocket';
import { FaultPoints, FaultyEndpoint, isFaulty, Patches, type FaultMode } from './fault-points.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

export type ClientProtocol = 'websocket' | 'command';

/** There is one connection, and it goes by this. */
const owner = 1;
const topic = 'news';
const sessionMethods = ['attach', 'receive', 'receiveEnd', 'step', 'setaside', 'onWritable', 'drain', 'refuse', 'probe', 'end'];
const ownerOf = (): number => owner;

export function patchClients(): Patches {
  const patches = new Patches();
  patches.patch(WebSocketClientSession.prototype, 'WebSocketClientSession', [...sessionMethods, 'send'], ownerOf);
  patches.patch(CommandClientSession.prototype, 'CommandClientSession', [...sessionMethods, 'request'], ownerOf);
  patches.patch(WebSocketSession.prototype, 'WebSocketSession', [...sessionMethods, 'send'], (session) => {
    return isFaulty((session as WebSocketSession).connection?.endpoint) ? owner : null;
  });
  // The gateway's engines are of the same classes; nobody's connection is theirs.
  patches.patch(Http1Engine.prototype, 'Http1Engine', ['receive', 'next', 'sendRequest', 'sendEnd', 'takeLeftover']);
  patches.patch(WebSocketEngine.prototype, 'WebSocketEngine', ['receive', 'next', 'sendMessage', 'close']);
  patches.patch(CommandEngine.prototype, 'CommandEngine', ['receive', 'next', 'sendRequest', 'close']);
  patches.patch(Pool.prototype, 'Pool', ['subpool']);
  return patches;
}

export interface ConnectorOutcome {
  readonly points: FaultPoints;
  readonly problems: readonly string[];
  readonly connects: number;
}

export async function playConnector(protocol: ClientProtocol, mode: FaultMode, point: number, patches: Patches): Promise<ConnectorOutcome> {
  const points = new FaultPoints(mode, point);
  points.victims.add(owner);
  const gateway = await SimulatedGateway.start({ seed: 1, config: { command: ['127.0.0.1:0'], drain: { retryHintMs: 700 }, timeouts: { closeTimeoutMs: 1000 } } });
  const { registry, pool: gatewayPool } = gateway.running.gateway;
  points.peerFault = (_owner, how) => {
    for (const { endpoint } of registry.all()) {
      if (how === 'reset') endpoint.abort();
      else endpoint.shutdown();
    }
  };
  const problems: string[] = [];
  const pool = new Pool('connector');
  const { port } = protocol === 'command' ? gateway.running.gateway.command[0]! : gateway.address;
  const resolver = new MemoryResolver(gateway.network.clock).script('gateway', { addresses: ['127.0.0.1'] });
  const heard = new Set<string>();
  let message = '';
  let connects = 0;
  const connector = new Connector({
    target: { host: 'gateway', port },
    transport: faultyClient(gateway.network.transport, points),
    resolver: faultyResolver(resolver, points),
    random: () => 0.5,
    timeouts: { dnsResolveTimeoutMs: 2000, connectingTimeoutMs: 2000, handshakeTimeoutMs: 2000 },
    host: {
      ...gateway.loop,
      pool,
      windows: defaultWindows,
      timeouts: { ...defaultTimeouts, closeTimeoutMs: 1000 },
      throttles: noThrottles,
      observer: { onStep() {}, onCrash() {}, onClosed: (connection) => connection.pool.destroy() },
    },
    makeSession: ({ pool: own }) => points.around('handler.makeSession', owner, () => makeSession(own)),
    observer: { onConnected: () => void connects++ },
  });

  const within = <T>(name: string, call: () => T): T => points.around(`handler.${name}`, owner, call);
  const makeSession = (own: Pool): OutboundSession => {
    if (protocol === 'command') {
      return new CommandClientSession(
        { pool: own, idleTimeoutMs: 3000 },
        {
          onOpen: (session) =>
            within('onOpen', () => {
              session.request('SUBSCRIBE', [topic], () => {});
              session.request('PUBLISH', [topic], () => {}, { body: Buffer.from(message) });
            }),
          onPublication: (_session, _head, bytes, start, end) => within('onPublication', () => void heard.add(Buffer.from(bytes.subarray(start, end)).toString())),
          onGap() {},
          onWritable() {},
          onClose: () => within('onClose', () => {}),
        },
      );
    }
    const random = new Random(1);
    return new WebSocketClientSession(
      {
        pool: own,
        authority: 'gateway',
        target: `/topics/${topic}`,
        sha1: (bytes) => createHash('sha1').update(bytes).digest(),
        nonce: new Uint8Array(16),
        maskKey: () => random.next() | 0,
        liveness: { pingIntervalMs: 1000, idleTimeoutMs: 3000 },
      },
      {
        onOpen: (socket) => within('onOpen', () => void socket.send(Opcode.Text, Buffer.from(message))),
        onMessage: (_socket, _opcode, bytes, start, end) => within('onMessage', () => Boolean(heard.add(Buffer.from(bytes.subarray(start, end)).toString()))),
        onWritable() {},
        onClose: () => within('onClose', () => {}),
      },
    );
  };

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    const latest = gateway.nowMs + 60_000;
    let holds = false;
    await gateway.network.until(() => (holds = condition()) || gateway.nowMs > latest);
    if (!holds) problems.push(`it never came to this: ${what} (${connector.state.phase}, ${connector.failure?.message ?? 'without a failure'})`);
  };

  patches.points = points;
  const rejections: string[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(String(reason));
  process.on('unhandledRejection', onRejection);
  try {
    message = 'the first';
    connector.start();
    await until('the first message', () => heard.has('the first'));
    message = 'the second';
    // Pings, and the gateway's goodbye; if it is just away, there is nobody to say that to, and it comes back all the same.
    gateway.pass(2500);
    for (const connection of registry.all()) connection.drain();
    await until('the second message', () => heard.has('the second'));
    connector.stop();
    await until('its end', () => connector.state.phase === 'stopped' && registry.size === 0);
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    patches.points = null;
    process.off('unhandledRejection', onRejection);
  }
  // A look-up or an attempt that was given up, and lost its answer, ends by itself.
  gateway.pass(5000);
  const { bytes, handles } = pool.outstanding();
  if (bytes > 0 || handles > 0) problems.push(`${bytes} bytes and ${handles} handles are outstanding`);
  if (connector.connection !== null) problems.push('it still has a connection');
  if (gateway.loop.wheel.size > 0) problems.push(`${gateway.loop.wheel.size} deadlines are armed`);
  if (resolver.pending > 0) problems.push(`${resolver.pending} look-ups are under way`);
  if (gatewayPool.outstanding().handles > 0) problems.push('the gateway holds something');
  connector.abort();
  pool.destroy();
  try {
    await gateway.stopAndCheck();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  problems.push(...points.escaped.map((text) => `escaped: ${text}`), ...rejections.map((text) => `unhandled rejection: ${text}`));
  return { points, problems, connects };
}

/** Where the transport would fail, the look-up or the attempt does. */
function faultyResolver(resolver: Resolver, points: FaultPoints): Resolver {
  return {
    resolve(host, signal) {
      const before = points.hit;
      const answer = points.around('resolver.resolve', owner, () => resolver.resolve(host, signal));
      return points.hit === before ? answer : answer.then(() => Promise.reject(new TransportError('resolve', 'other')));
    },
  };
}

function faultyClient(transport: Transport, points: FaultPoints): Pick<Transport, 'name' | 'connect' | 'listen'> {
  return {
    name: transport.name,
    listen: (options, sink) => transport.listen(options, sink),
    async connect(options: PeerAddress): Promise<Endpoint> {
      const before = points.hit;
      const endpoint = await points.around('transport.connect', owner, () => transport.connect(options));
      if (points.hit === before) return new FaultyEndpoint(endpoint, points, true, owner);
      endpoint.abort();
      throw new TransportError('connect', 'connectionRefused');
    },
  };
}
