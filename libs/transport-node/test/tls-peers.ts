// A server of node:tls and clients of it, with certificates made by openssl for the day.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type ConnectionOptions, type Server, type TLSSocket } from 'node:tls';

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export function selfSigned(subject: string): Identity {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-adopted-'));
  try {
    const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-x509', '-days', '1'];
    execFileSync('openssl', ['req', ...kind, '-subj', subject, '-keyout', key, '-out', cert], { stdio: ['ignore', 'ignore', 'pipe'] });
    return { cert: readFileSync(cert, 'latin1'), key: readFileSync(key, 'latin1') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export class TlsPeers {
  readonly #server: Server;
  readonly #accepted: TLSSocket[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('secureConnection', (socket) => this.#accepted.push(socket.on('error', () => {})));
  }

  /** A server that asks for a certificate, and takes any and none. */
  static async open(identity: Identity): Promise<TlsPeers> {
    const server = createServer({ ...identity, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsPeers(server);
  }

  /** A client's end before its handshake. */
  client(options: ConnectionOptions = {}): TLSSocket {
    const { port } = this.#server.address() as AddressInfo;
    return connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  }

  /** Both ends of a connection, after the handshake. */
  async pair(options: ConnectionOptions = {}): Promise<{ client: TLSSocket; server: TLSSocket }> {
    const accepted = once(this.#server, 'secureConnection');
    const client = this.client(options);
    const [[server]] = (await Promise.all([accepted, once(client, 'secureConnect')])) as unknown as [[TLSSocket], unknown];
    return { client, server };
  }

  close(): void {
    for (const socket of this.#accepted) socket.destroy();
    this.#server.close();
  }
}
