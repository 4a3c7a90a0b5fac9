// An outbound connection on a stage: a network in memory whose addresses behave by script, names by script, one virtual time for all, and a
// log of everything the connector said.

import { Brigade, Pool } from '@sluice/brigade';
import { TimingWheel, WheelDriver } from '@sluice/timing';
import type { Endpoint, Transport, TransportError } from '@sluice/transport';
import { MemoryNetwork, MemoryResolver, type MemoryNetworkOptions } from '@sluice/transport-memory';
import { Connector, TurnQueue, defaultTimeouts, defaultWindows, noThrottles, type ConnectionHost, type ConnectorOptions, type Refusal } from '../../src/index.ts';
import { LineSession } from '../support/line-session.ts';

/** The client's side: `hello` from the server completes the greeting, `no` refuses for now, `never` for good. */
export class GuestSession extends LineSession {
  override idleTimeoutMs = 0;
  refusal: Refusal | null = null;
  retryAfterMs: number | null = null;

  override say(text: string): void {
    if (text === 'NO' || text === 'NEVER') {
      this.refusal = { text: `the server said ${text}`, status: null, permanent: text === 'NEVER' };
      this.connection.abort('refused');
    } else if (text.startsWith('LATER ')) {
      this.retryAfterMs = Number(text.slice(6));
    }
  }
}

/** What a server at an address does with a peer. */
export type Manners = 'greets' | 'mute' | 'closes' | 'resets' | 'no' | 'never';

export const PORT = 7000;

export interface SceneOptions extends Partial<ConnectorOptions> {
  readonly network?: Partial<MemoryNetworkOptions>;
}

export function scene({ network: networkOptions, makeSession = ({ pool }) => new GuestSession(pool), ...connectorOptions }: SceneOptions = {}) {
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '::1', '::2'];
  const network = new MemoryNetwork({ seed: 1, hosts, faults: { latencyMs: 1 }, ...networkOptions });
  const { clock } = network;
  const wheel = new TimingWheel({ startMs: 0, tickMs: 1 });
  const driver = new WheelDriver(wheel, clock, clock);
  const pool = new Pool('scene');
  const resolver = new MemoryResolver(clock);
  const log: string[] = [];
  const note = (text: string): void => void log.push(`${clock.now()} ${text}`);
  /** Server ends that are open. */
  const guests = new Set<Endpoint>();
  let live = 0;
  let mostLive = 0;
  const begun = (): void => void (mostLive = Math.max(mostLive, ++live));

  const host: ConnectionHost = {
    clock,
    pool,
    wheel,
    turn: new TurnQueue((run) => void clock.schedule(0, run)),
    windows: defaultWindows,
    timeouts: { ...defaultTimeouts, closeTimeoutMs: 1000 },
    throttles: noThrottles,
    observer: {
      onStep() {},
      onCrash: (_connection, error) => note(`crash ${String(error)}`),
      onClosed: (connection) => {
        live--;
        connection.pool.destroy();
      },
    },
  };

  /** Counts what is under way at our end: attempts that are neither settled nor given up, and connections. */
  const transport: Transport = {
    name: 'counted',
    listen: (options, sink) => network.transport.listen(options, sink),
    async connect(options) {
      begun();
      let over = false;
      const settle = (): void => {
        if (!over) live--;
        over = true;
      };
      options.signal?.addEventListener('abort', settle);
      return network.transport.connect(options).finally(settle);
    },
  };

  const say = (endpoint: Endpoint, text: string): void => {
    const brigade = new Brigade(pool);
    brigade.writeLatin1(`${text}\n`);
    endpoint.write(brigade);
  };

  const connector = new Connector({
    target: { host: 'service.test', port: PORT },
    transport,
    resolver,
    host,
    makeSession(context) {
      const session = makeSession(context);
      begun();
      return session;
    },
    random: () => 0.5,
    observer: {
      onAttempt: (_connector, address) => note(`try ${address.host}`),
      onConnected: (_connector, connection) => note(`connected ${connection.endpoint.peer.host}`),
      onFailure: (_connector, failure) => note(`failed ${failure.stage} ${failure.refusal?.text ?? (failure.cause as TransportError | null)?.kind ?? failure.reason}`),
      onStep: (_connector, _from, to) => {
        if (to.phase === 'waiting') note(`waits until ${connector.retryAtMs}`);
      },
      onStopped: (_connector, failure) => note(`stopped${failure === null ? '' : `: ${failure.message}`}`),
    },
    ...connectorOptions,
  });

  return {
    network,
    clock,
    wheel,
    driver,
    pool,
    resolver,
    connector,
    host,
    log,
    guests,
    say,
    /** The most attempts and connections that were under way at once. */
    get mostLive() {
      return mostLive;
    },
    get live() {
      return live;
    },
    /** A server at that address. */
    serve(address: string, manners: Manners | (() => Manners)) {
      return network.listen(
        { host: address, port: PORT },
        {
          onAccept(endpoint) {
            guests.add(endpoint);
            endpoint.attach({
              onBytes() {},
              onEnd: () => endpoint.shutdown(),
              onProgress() {},
              onClose: () => void guests.delete(endpoint),
            });
            endpoint.setReading(true);
            const manner = typeof manners === 'function' ? manners() : manners;
            if (manner === 'greets') say(endpoint, 'hello');
            else if (manner === 'closes') endpoint.close();
            else if (manner === 'resets') endpoint.abort();
            else if (manner !== 'mute') say(endpoint, manner);
          },
          onError() {},
          onClose() {},
        },
      );
    },
    /** Runs up to that time, promises included. */
    async runUntil(atMs: number): Promise<void> {
      clock.schedule(Math.max(0, atMs - clock.now()), () => {});
      await network.until(() => clock.now() >= atMs && clock.nextAt() > atMs);
    },
    phase: (): string => connector.state.phase,
  };
}

export type Scene = ReturnType<typeof scene>;
