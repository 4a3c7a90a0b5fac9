// Two secure endpoints over a connection in memory, and what their owners hear.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, SecureSession, TransportError } from '@sluice/transport';
import { MemoryNetwork, type MemoryNetworkOptions } from '@sluice/transport-memory';
import { secureEndpoint, type TlsClientContexts, type TlsContexts, type TlsEndpoint } from '../src/index.ts';
import { untilNetwork } from './set-up.ts';

/** An owner that notes everything, in order. */
export class Owner implements EndpointSink {
  readonly endpoint: TlsEndpoint;
  readonly events: string[] = [];
  text = '';
  bytes = 0;
  closed: TransportError | null | undefined = undefined;
  inSecure: ((session: SecureSession) => void) | null = null;

  constructor(endpoint: TlsEndpoint, reading = true) {
    this.endpoint = endpoint;
    endpoint.attach(this);
    if (reading) endpoint.setReading(true);
  }

  write(text: string, pool: Pool): void {
    const brigade = new Brigade(pool);
    brigade.writeLatin1(text);
    this.endpoint.write(brigade);
  }

  onSecure(session: SecureSession): void {
    this.events.push('secure');
    this.inSecure?.(session);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.events.at(-1) !== 'bytes') this.events.push('bytes');
    this.bytes += end - start;
    if (this.text.length < 10_000) this.text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  onEnd(): void {
    this.events.push('end');
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.events.push('close');
    this.closed = error;
  }
}

export interface PairOptions {
  readonly server: TlsContexts;
  readonly client: TlsClientContexts;
  readonly serverName?: string;
  readonly reading?: boolean;
  readonly network?: Partial<MemoryNetworkOptions>;
}

export class SecurePair {
  readonly network: MemoryNetwork;
  readonly pool = new Pool('secure pair');
  readonly server: Owner;
  readonly client: Owner;
  /** The endpoints underneath. */
  readonly innerServer: Endpoint;
  readonly innerClient: Endpoint;

  constructor(options: PairOptions) {
    this.network = new MemoryNetwork({ seed: 1, ...options.network });
    const [innerServer, innerClient] = connected(this.network);
    this.innerServer = innerServer;
    this.innerClient = innerClient;
    const { serverName = 'memory', reading = true } = options;
    this.server = new Owner(secureEndpoint(innerServer, { role: 'server', contexts: options.server, pool: this.pool }), reading);
    this.client = new Owner(secureEndpoint(innerClient, { role: 'client', contexts: options.client, serverName, pool: this.pool }), reading);
  }

  /** Turns the event loops until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    if (await untilNetwork(this.network, condition)) return;
    const told = [this.server, this.client].map(({ events, endpoint, closed }) => `${endpoint.state} [${events.join(' ')}] ${closed?.message ?? ''}`);
    throw new Error(`it never came to this: ${told.join(' | ')}`);
  }

  async settle(): Promise<void> {
    await untilNetwork(this.network, () => false);
  }

  async secure(): Promise<this> {
    await this.until(() => this.server.endpoint.state === 'secure' && this.client.endpoint.state === 'secure');
    return this;
  }

  async closed(): Promise<void> {
    await this.until(() => this.server.closed !== undefined && this.client.closed !== undefined);
  }

  /** Ends what is not over; answers what is still held then. */
  async strike(): Promise<{ bytes: number; handles: number }> {
    this.server.endpoint.abort();
    this.client.endpoint.abort();
    await this.closed();
    await this.settle();
    const { bytes, handles } = this.pool.outstanding();
    const network = this.network.pool.outstanding();
    return { bytes: bytes + network.bytes, handles: handles + network.handles };
  }
}

/** The two ends of a new connection in memory, attached to by nobody. */
export function connected(network: MemoryNetwork): [Endpoint, Endpoint] {
  const ends: (Endpoint | null)[] = [null, null];
  const fail = (error: unknown): never => {
    throw error;
  };
  const listener = network.listen(
    { host: 'memory', port: 0 },
    {
      onAccept(endpoint) {
        ends[0] = endpoint;
      },
      onError: fail,
      onClose() {},
    },
  );
  network.connect(listener.address, {
    onConnect(endpoint) {
      ends[1] = endpoint;
    },
    onFailure: fail,
  });
  network.run(() => ends[0] !== null && ends[1] !== null);
  listener.close();
  return ends as [Endpoint, Endpoint];
}
