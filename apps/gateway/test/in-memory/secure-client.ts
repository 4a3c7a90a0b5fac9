// A client that speaks TLS on the network in memory. TLS works on Node's event loop and its bytes travel on the network's, so both are turned.

import { Brigade, Pool } from '@sluice/brigade';
import type { EndpointSink, PeerAddress, SecureSession, TransportError } from '@sluice/transport';
import type { MemoryNetwork } from '@sluice/transport-memory';
import { secureTransport, TlsClientContexts, type TlsClientOptions, type TlsEndpoint } from '@sluice/transport-tls';
import { endOfTurn } from '../log/lines.ts';

/** Time for one record to pass through both ends' streams. */
const turnsPerEvent = 6;

export class SecureClient implements EndpointSink {
  received = '';
  session: SecureSession | null = null;
  isClosed = false;
  error: TransportError | null = null;
  readonly #network: MemoryNetwork;
  readonly #endpoint: TlsEndpoint;
  readonly #output: Brigade;

  private constructor(network: MemoryNetwork, endpoint: TlsEndpoint) {
    this.#network = network;
    this.#endpoint = endpoint;
    this.#output = new Brigade(new Pool('secure client'));
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  /** Connected; the handshake is under way. */
  static async connect(network: MemoryNetwork, address: PeerAddress, options: TlsClientOptions | TlsClientContexts, serverName = 'localhost'): Promise<SecureClient> {
    const contexts = options instanceof TlsClientContexts ? options : new TlsClientContexts(options);
    const transport = secureTransport(network.transport, { client: contexts });
    let client: SecureClient | null = null;
    void transport.connect({ ...address, serverName }).then((endpoint) => (client = new SecureClient(network, endpoint)));
    await network.until(() => client !== null, endOfTurn);
    return client!;
  }

  /** Waits until the handshake is complete, or the connection has ended. */
  async settled(): Promise<this> {
    await this.until(() => this.session !== null || this.isClosed);
    return this;
  }

  /** Sends, and answers once the text has been received that ends with what is expected. */
  async ask(text: string, expected: RegExp): Promise<string> {
    this.#output.writeLatin1(text);
    this.#endpoint.write(this.#output);
    await this.until(() => expected.test(this.received) || this.isClosed);
    const { received } = this;
    this.received = '';
    return received;
  }

  /** A request without a body; answers the reply, which has a Content-Length. */
  request(start: string, ...fields: string[]): Promise<string> {
    return this.ask(`${[`${start} HTTP/1.1`, 'Host: memory', ...fields].join('\r\n')}\r\n\r\n`, /\r\n\r\n.+/s);
  }

  close(): void {
    this.#endpoint.close();
  }

  async until(condition: () => boolean): Promise<void> {
    await this.#network.until(condition, async () => {
      for (let turn = 0; turn < turnsPerEvent; turn++) await endOfTurn();
    });
  }

  onSecure(session: SecureSession): void {
    this.session = session;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.received += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  onEnd(): void {
    this.#endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.isClosed = true;
    this.error = error;
  }
}
