// A server's connection and the raw end of its peer on the network in memory, in the clear or with TLS. TLS runs on Node's event loop,
// its bytes on the virtual one: time moves on only when both have nothing left to do.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, Pool } from '@sluice/brigade';
import { TimingWheel, WheelDriver, type VirtualTimer } from '@sluice/timing';
import type { Endpoint, EndpointSink, SecureSession, TransportError } from '@sluice/transport';
import { MemoryNetwork, type MemoryNetworkOptions } from '@sluice/transport-memory';
import { TlsClientContexts, TlsContexts, secureEndpoint } from '@sluice/transport-tls';
import {
  Connection,
  TurnQueue,
  defaultTimeouts,
  defaultWindows,
  noThrottles,
  type CloseReason,
  type ConnectionHost,
  type Session,
  type ThrottleSettings,
  type TimeoutSettings,
  type WindowSettings,
} from '../../src/index.ts';

/** So many turns of Node's event loop in which nothing was given to the network, and TLS has nothing under way. */
const quietTurns = 8;

export interface WireOptions<S extends Session> {
  readonly session: (pool: Pool) => S;
  readonly secure?: boolean;
  /** With TLS: the peer trusts nobody. */
  readonly mistrusting?: boolean;
  /** With TLS: the peer says nothing of its own; the test does. */
  readonly rawPeer?: boolean;
  readonly windows?: Partial<WindowSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
  readonly throttles?: Partial<ThrottleSettings>;
  readonly network?: Partial<MemoryNetworkOptions>;
}

/** The other end: it notes everything. */
export class Peer implements EndpointSink {
  readonly endpoint: Endpoint;
  /** What is under the endpoint, if that encrypts. */
  readonly inner: Endpoint;
  text = '';
  bytes = 0;
  /** Bytes by the time of their arrival. */
  readonly arrivals = new Map<number, number>();
  secure: SecureSession | null = null;
  ended = false;
  closed: TransportError | null | undefined = undefined;
  readonly #pool: Pool;
  readonly #now: () => number;

  constructor(endpoint: Endpoint, inner: Endpoint, pool: Pool, now: () => number) {
    this.endpoint = endpoint;
    this.inner = inner;
    this.#pool = pool;
    this.#now = now;
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  send(text: string | Uint8Array): void {
    const brigade = new Brigade(this.#pool);
    if (typeof text === 'string') brigade.writeLatin1(text);
    else brigade.write(text);
    this.endpoint.write(brigade);
  }

  onSecure(session: SecureSession): void {
    this.secure = session;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const now = this.#now();
    this.bytes += end - start;
    this.arrivals.set(now, (this.arrivals.get(now) ?? 0) + end - start);
    if (this.text.length < 4096) this.text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  onEnd(): void {
    this.ended = true;
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.closed = error;
  }
}

let identity: { readonly certificate: string; readonly key: string } | null = null;

/** One certificate for the name `memory`, issued by itself, made once per test file. */
function serverIdentity(): { readonly certificate: string; readonly key: string } {
  if (identity === null) {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-connection-'));
    const [key, certificate] = [join(directory, 'key'), join(directory, 'pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=memory'];
    execFileSync('openssl', [...request, '-addext', 'subjectAltName=DNS:memory', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    identity = { key: readFileSync(key, 'latin1'), certificate: readFileSync(certificate, 'latin1') };
    rmSync(directory, { recursive: true });
  }
  return identity;
}

export class Wire<S extends Session> {
  readonly network: MemoryNetwork;
  readonly pool = new Pool('wire');
  readonly wheel = new TimingWheel({ startMs: 0 });
  readonly driver: WheelDriver<VirtualTimer>;
  readonly host: ConnectionHost;
  readonly closes: CloseReason[] = [];
  readonly crashes: unknown[] = [];
  readonly session: S;
  readonly connection: Connection;
  readonly peer: Peer;

  constructor(options: WireOptions<S>) {
    this.network = new MemoryNetwork({ seed: 1, ...options.network });
    const { clock } = this.network;
    this.driver = new WheelDriver(this.wheel, clock, clock);
    this.host = {
      clock,
      pool: this.pool,
      wheel: this.wheel,
      turn: new TurnQueue((run) => void clock.schedule(0, run)),
      windows: { ...defaultWindows, ...options.windows },
      timeouts: { ...defaultTimeouts, ...options.timeouts },
      throttles: { ...noThrottles, ...options.throttles },
      observer: {
        onStep() {},
        onCrash: (_connection, error) => void this.crashes.push(error),
        onClosed: (connection, reason) => {
          this.closes.push(reason);
          connection.pool.destroy();
        },
      },
    };
    const [server, client] = this.#connect(options);
    const inner = this.#clientInner as Endpoint;
    this.peer = new Peer(client, inner, this.pool, () => clock.now());
    const pool = this.pool.subpool();
    this.session = options.session(pool);
    this.connection = new Connection(server, this.host, this.session, pool);
    this.connection.start();
  }

  #clientInner: Endpoint | null = null;

  #connect({ secure = false, mistrusting = false, rawPeer = false }: WireOptions<S>): [Endpoint, Endpoint] {
    const { network, pool } = this;
    let server: Endpoint | null = null;
    let client: Endpoint | null = null;
    const fail = (error: unknown): never => {
      throw error;
    };
    const listener = network.listen(
      { host: 'memory', port: 0 },
      { onAccept: (endpoint) => void (server = endpoint), onError: fail, onClose() {} },
    );
    network.connect(listener.address, { onConnect: (endpoint) => void (client = endpoint), onFailure: fail });
    network.run(() => server !== null && client !== null);
    listener.close();
    this.#clientInner = client;
    if (!secure) return [server!, client!];
    const identity = serverIdentity();
    const contexts = new TlsContexts({ certificates: [identity] });
    const trusting = new TlsClientContexts(mistrusting ? {} : { ca: identity.certificate });
    return [
      secureEndpoint(server!, { role: 'server', contexts, pool }),
      rawPeer ? client! : secureEndpoint(client!, { role: 'client', contexts: trusting, serverName: 'memory', pool }),
    ];
  }

  get nowMs(): number {
    return this.network.clock.now();
  }

  /** Turns both event loops until the condition holds, or nothing is left to happen until `atMost` of the virtual clock. */
  async until(condition: () => boolean, atMost = Infinity): Promise<boolean> {
    const { clock } = this.network;
    for (;;) {
      for (let quiet = 0; quiet < quietTurns; quiet++) {
        if (condition()) return true;
        while (clock.nextAt() <= clock.now()) {
          quiet = 0;
          clock.step();
          if (condition()) return true;
        }
        await nextTurn();
      }
      if (clock.nextAt() > atMost || clock.nextAt() === Infinity) {
        if (atMost < Infinity) clock.advanceTo(atMost);
        return condition();
      }
      clock.advanceTo(clock.nextAt());
    }
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    await this.until(() => false, this.nowMs + ms);
  }

  /** Lets everything happen that is due now. */
  settle(): Promise<void> {
    return this.pass(0);
  }

  /** What is still held when everything is over. */
  async held(): Promise<{ bytes: number; handles: number; deadlines: number }> {
    this.peer.endpoint.abort();
    await this.settle();
    const [own, network] = [this.pool.outstanding(), this.network.pool.outstanding()];
    return { bytes: own.bytes + network.bytes, handles: own.handles + network.handles, deadlines: this.wheel.size };
  }
}

export const nothingHeld = { bytes: 0, handles: 0, deadlines: 0 };
