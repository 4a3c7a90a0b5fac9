// TLS needs no socket. Run it, and see one and the same server, with one and the same rate limit, over three things that are none:
//
//     node --conditions=@sluice/source specs/examples/tls-over-anything.ts
//
// 1. a pipe in memory, whose time is virtual: ten seconds of throttling pass in no time;
// 2. a pair of Node's streams, as it could be any Duplex;
// 3. TLS in TLS over such a pair, as through a proxy that is itself reached over TLS.
//
// `secureEndpoint` takes an endpoint and gives one. What is below it, and whether that encrypts already, it does not know; nor does a
// connection know what is below it, and its throttles count the same bytes with TLS and without.

import { duplexPair } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, Pool } from '@sluice/brigade';
import { Connection, StepResult, TurnQueue, defaultTimeouts, defaultWindows, type ConnectionHost, type Session } from '@sluice/connection';
import { Issuer, makeAuthority } from '@sluice/gateway/cert-maker';
import { TimingWheel, WheelDriver, type Clock } from '@sluice/timing';
import type { Endpoint, EndpointSink, SecureSession } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { TlsClientContexts, TlsContexts, secureEndpoint } from '@sluice/transport-tls';
import { connectedEnds, turnBoth } from '../support/both-loops.ts';

const KIB = 1024;
const bytesPerSecond = 100 * KIB;

const validity = { nowMs: Date.now(), days: 1 };
const authority = await makeAuthority(validity);
const issuer = await Issuer.of(authority);
const serverContexts = new TlsContexts({ certificates: [await issuer.server(['anything.test'], validity)] });
const clientContexts = new TlsClientContexts({ ca: authority.certificate });
const pool = new Pool('example');
const asServer = (below: Endpoint): Endpoint => secureEndpoint(below, { role: 'server', contexts: serverContexts, pool });
const asClient = (below: Endpoint): Endpoint => secureEndpoint(below, { role: 'client', contexts: clientContexts, serverName: 'anything.test', pool });

/** The server's protocol: letters in, capitals out. */
class CapitalsSession implements Session {
  readonly protocol = 'capitals';
  readonly output: Brigade;
  readonly controlOutput = null;
  readonly heldBytes = 0;
  readonly idleTimeoutMs = 0;
  #connection!: Connection;

  constructor(own: Pool) {
    this.output = new Brigade(own);
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  onSecure(): void {
    this.#connection.established();
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.output.write(bytes.slice(start, end).map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte)));
  }

  receiveEnd(): void {
    this.#connection.finish('peerClosed');
  }

  step(): StepResult {
    return StepResult.NeedData;
  }

  drain(): void {
    this.#connection.done();
  }

  probe(): boolean {
    return false;
  }

  setaside(): void {}
  onWritable(): void {}
  refuse(): void {}
  end(): void {}
}

/** The client: sends letters, and counts capitals until the server's close_notify. */
class Client implements EndpointSink {
  capitals = 0;
  version = '';
  isOver = false;
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint, letters: number) {
    this.#endpoint = endpoint;
    endpoint.attach(this);
    endpoint.setReading(true);
    const brigade = new Brigade(pool);
    brigade.write(new Uint8Array(letters).fill(97));
    endpoint.write(brigade);
    endpoint.shutdown();
  }

  onSecure(session: SecureSession): void {
    this.version = session.protocol;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    for (let i = start; i < end; i++) if (bytes[i] === 65) this.capitals++;
  }

  onEnd(): void {
    this.#endpoint.close();
  }

  onProgress(): void {}

  onClose(error: Error | null): void {
    if (error !== null) throw error;
    this.isOver = true;
  }
}

/** What every connection is given: the time, a wheel for its deadlines, and the rate. */
function hostIn(clock: Clock, wheel: TimingWheel, endOfTurn: (run: () => void) => void): ConnectionHost {
  return {
    clock,
    wheel,
    pool,
    turn: new TurnQueue(endOfTurn),
    windows: defaultWindows,
    timeouts: defaultTimeouts,
    throttles: { inBytesPerSecond: 0, outBytesPerSecond: bytesPerSecond },
    observer: {
      onStep() {},
      onCrash(_connection, error) {
        throw error;
      },
      onClosed: (connection) => connection.pool.destroy(),
    },
  };
}

/** Serves the one end, and has the other send and receive so many bytes. */
async function exchange(over: string, bytes: number, host: ConnectionHost, [near, far]: readonly [Endpoint, Endpoint], until: (done: () => boolean) => Promise<unknown>) {
  const startedAt = host.clock.now();
  const own = pool.subpool();
  const connection = new Connection(far, host, new CapitalsSession(own), own);
  connection.start();
  const client = new Client(near, bytes);
  await until(() => client.isOver && connection.state.phase === 'closed');
  const seconds = (host.clock.now() - startedAt) / 1000;
  console.log(`${over}: ${client.capitals} bytes in ${seconds.toFixed(2)} s, ${client.version}, ${connection.reason}`);
}

// A pipe in memory.

const network = new MemoryNetwork({ seed: 1 });
const virtualWheel = new TimingWheel({ startMs: 0 });
const virtualDriver = new WheelDriver(virtualWheel, network.clock, network.clock);
const virtual = hostIn(network.clock, virtualWheel, (run) => void network.clock.schedule(0, run));
const [nearPipe, farPipe] = connectedEnds(network);
await exchange('a pipe in memory', 1024 * KIB, virtual, [asClient(nearPipe), asServer(farPipe)], (done) => turnBoth(network, done));
virtualDriver.close();

// A pair of streams, and TLS in TLS over another.

const clock: Clock = { now: () => performance.now() };
const wheel = new TimingWheel({ startMs: clock.now() });
const driver = new WheelDriver<NodeJS.Timeout>(wheel, clock, { schedule: (ms, callback) => setTimeout(callback, ms), cancel: (timer) => clearTimeout(timer) });
const real = hostIn(clock, wheel, (run) => void setImmediate(run));
const transport = createNodeTransport({ pool });
const pair = (): [Endpoint, Endpoint] => {
  const [near, far] = duplexPair();
  return [transport.adopt(near), transport.adopt(far)];
};
const untilReal = async (done: () => boolean): Promise<void> => {
  while (!done()) await nextTurn();
};
const [nearStream, farStream] = pair();
await exchange('a pair of streams', 64 * KIB, real, [asClient(nearStream), asServer(farStream)], untilReal);
const [nearTunnel, farTunnel] = pair();
await exchange('TLS in TLS', 64 * KIB, real, [asClient(asClient(nearTunnel)), asServer(asServer(farTunnel))], untilReal);
driver.close();

const { bytes, handles } = pool.outstanding();
console.log(`held in the end: ${bytes} bytes, ${handles} handles, ${wheel.size + virtualWheel.size} deadlines`);
