// What makes each event of the connector chart happen: servers that accept, say nothing, hang up, refuse or are not there, a resolver that
// answers when it is told to, and what the program that holds the connector asks of it. Nothing sends an event to the chart.
//
// The servers differ in their address and share a port, as those of one name do. Time stands still until a deadline is to pass.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Pool } from '@sluice/brigade';
import { Connector, WebSocketClientSession, defaultTimeouts, defaultWindows, noThrottles, type ConnectorEventType } from '@sluice/connection';
import { VirtualClock } from '@sluice/timing';
import { TransportError, type Resolver } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import type { ChartPath, ChartRules } from './chart-paths.ts';
import { FullListener } from './full-listener.ts';
import { eventually, runGateway, type RunningGateway } from './running-gateway.ts';
import { StepLog } from './step-log.ts';
import { steppedLoop } from './stepped-time.ts';

/** All loopback; on the last nobody listens. */
const hosts = { gateway: '127.0.0.1', silent: '127.0.0.2', hangsUp: '127.0.0.3', full: '127.0.0.4', nobody: '127.0.0.5' } as const;

const passing = 'the answer is given in the call that asks: nobody else gets a word in';

export const connectorRules: ChartRules = {
  reasonAgainst: (state, event) => ((state === 'choosing' || state === 'planning') && (event === 'STOP' || event === 'ABORT') ? passing : null),
  // A name that was resolved has an address; it is the next that may be missing.
  detour: (state, event) => (state === 'choosing' && event === 'ADDRESSES.NONE' ? ['START', 'RESOLVED', 'ADDRESS', 'CONNECT.FAILED'] : null),
};

type Settle = (answer: readonly string[] | TransportError) => void;

interface Run {
  readonly connector: Connector;
  readonly log: StepLog;
  /** Answers the look-up that is under way. */
  settle: Settle;
}

export class ConnectorStage {
  readonly #running: RunningGateway;
  readonly #closing: (() => unknown)[];
  readonly #clock = new VirtualClock();
  readonly #loop = steppedLoop(this.#clock);
  readonly #transport = createNodeTransport();

  private constructor(running: RunningGateway, closing: (() => unknown)[]) {
    this.#running = running;
    this.#closing = closing;
  }

  static async start(): Promise<ConnectorStage> {
    const running = await runGateway({ tls: false });
    const { port } = running;
    const sockets = new Set<Socket>();
    const serve = async (host: string, onConnection: (socket: Socket) => void): Promise<Server> => {
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => {}));
        onConnection(socket);
      });
      await once(server.listen(port, host), 'listening');
      return server;
    };
    const silent = await serve(hosts.silent, () => {});
    const hangsUp = await serve(hosts.hangsUp, (socket) => socket.end());
    const full = await FullListener.open(hosts.full, port);
    const end = (): void => {
      for (const socket of sockets) socket.destroy();
    };
    return new ConnectorStage(running, [end, () => silent.close(), () => hangsUp.close(), () => full.close(), () => running.stop()]);
  }

  async stop(): Promise<void> {
    for (const close of this.#closing) await close();
    this.#loop.close();
  }

  /** Takes a path from the beginning, then ends what is left of it; answers every step. */
  async take({ steps }: ChartPath): Promise<StepLog> {
    const events = steps.map(({ event }) => event);
    const pool = new Pool('connector');
    const run = this.#make(events, pool);
    try {
      for (const [i, { event, from }] of steps.entries()) {
        const cause = this.#causes[event as ConnectorEventType];
        if (cause === undefined) throw new Error(`nothing is known to cause ${event}`);
        // What the step before brought with it has happened already.
        if (run.log.steps.length <= i) await cause(run, events.slice(i + 1));
        await run.log.reaches(i + 1, `${event} in ${from}`);
      }
    } finally {
      run.connector.abort();
      await eventually('everything is given back', () => pool.outstanding().bytes === 0 && this.#running.gateway.registry.size === 0);
      pool.destroy();
    }
    return run.log;
  }

  readonly #causes: Readonly<Record<ConnectorEventType, ((run: Run, later: readonly string[]) => unknown) | undefined>> = {
    // ── whoever holds it ──
    START: ({ connector }) => connector.start(),
    STOP: ({ connector }) => connector.stop(),
    ABORT: ({ connector }) => connector.abort(),
    'RETRY.NOW': ({ connector }) => connector.retryNow(),

    // ── the resolver ──
    RESOLVED: ({ settle }, later) => settle(addressesFor(later)),
    'RESOLVE.FAILED': ({ settle }) => settle(new TransportError('resolve', 'notFound')),

    // ── the server, by what it is ──
    CONNECTED: () => {},
    'CONNECT.FAILED': () => {},
    ESTABLISHED: () => {},
    LOST: ({ connector }) => {
      if (connector.state.phase === 'connected') this.#server().abort();
    },
    REFUSED: ({ connector }) => {
      if (connector.state.phase !== 'handshaking') this.#server().reject('refused');
    },

    // ── time ──
    'TIMEOUT.dnsResolve': () => this.#clock.advanceBy(10_000),
    'TIMEOUT.connecting': () => this.#clock.advanceBy(10_000),
    'TIMEOUT.handshake': () => this.#clock.advanceBy(20_000),
    'TIMEOUT.reconnect': () => this.#clock.advanceBy(60_000),

    // ── the connector's own answers ──
    ADDRESS: () => {},
    'ADDRESSES.NONE': () => {},
    RETRY: () => {},
    'GIVE.UP': () => {},
  };

  /** The gateway's end of the connection. */
  #server() {
    const [connection] = this.#running.gateway.registry.all();
    if (connection === undefined) throw new Error('the gateway has no connection');
    return connection;
  }

  #make(events: readonly string[], pool: Pool): Run {
    const { clock, wheel, turn } = this.#loop;
    const { port } = this.#running;
    const log = new StepLog();
    const isRefused = events[events.indexOf('CONNECTED') + 1] === 'REFUSED';
    const resolver: Resolver = {
      resolve: () =>
        new Promise((resolve, reject) => {
          run.settle = (answer) => (answer instanceof TransportError ? reject(answer) : resolve(answer));
        }),
    };
    const observer = {
      onStep() {},
      onCrash(_connection: unknown, error: unknown) {
        throw error;
      },
      onClosed: (connection: { readonly pool: Pool }) => connection.pool.destroy(),
    };
    const connector = new Connector({
      target: { host: 'gateway.test', port },
      transport: this.#transport,
      resolver,
      random: () => 0.5,
      backoff: { maxFailedRounds: events.includes('GIVE.UP') ? 1 : 0 },
      host: { clock, wheel, turn, pool, windows: defaultWindows, timeouts: defaultTimeouts, throttles: noThrottles, observer },
      makeSession: ({ pool: own }) =>
        new WebSocketClientSession(
          {
            pool: own,
            authority: `localhost:${port}`,
            // An upgrade is for topics.
            target: isRefused ? '/nothing/here' : '/topics/paths',
            sha1: (bytes) => createHash('sha1').update(bytes).digest(),
            nonce: randomBytes(16),
            maskKey: () => randomBytes(4).readUInt32LE(),
            liveness: { pingIntervalMs: 0, idleTimeoutMs: 0 },
          },
          { onOpen() {}, onMessage: () => true, onWritable() {}, onClose() {} },
        ),
      observer: { onStep: (_connector, _from, to, event) => log.add({ event, to: to.label }) },
    });
    const run: Run = { connector, log, settle: () => {} };
    return run;
  }
}

/** One address for each attempt of the round, by what is to come of it. */
function addressesFor(later: readonly string[]): string[] {
  const attempts = later.flatMap((event, i) => (event === 'ADDRESS' ? [hostFor(later[i + 1], later[i + 2])] : []));
  return attempts.length === 0 ? [hosts.silent] : attempts;
}

function hostFor(first: string | undefined, second: string | undefined): string {
  if (first === 'CONNECT.FAILED') return hosts.nobody;
  if (first !== 'CONNECTED') return hosts.full;
  if (second === 'ESTABLISHED' || second === 'REFUSED') return hosts.gateway;
  return second === 'LOST' ? hosts.hangsUp : hosts.silent;
}
