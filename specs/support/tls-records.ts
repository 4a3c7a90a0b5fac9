// A TCP relay between a client and a server that speak TLS 1.2: it passes everything on and notes what kinds of records the server sends.
// In this version an alert is one in the clear (RFC 5246, section 6.2.1), and after the handshake the only one in good order is close_notify.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const names: Readonly<Record<number, string>> = { 20: 'changeCipherSpec', 21: 'alert', 22: 'handshake', 23: 'data' };

export class TlsRecords {
  /** Of the server: kinds of records in order, repetitions once, and `FIN`. */
  readonly fromServer: string[] = [];
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #pending: Buffer = Buffer.alloc(0);

  private constructor(target: number) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
      for (const socket of [client, server]) {
        this.#sockets.push(socket);
        socket.on('error', () => {});
      }
      client.pipe(server);
      server.on('data', (bytes: Buffer) => this.#note(bytes));
      server.on('end', () => this.fromServer.push('FIN'));
      server.pipe(client);
    });
  }

  static async before(target: number): Promise<TlsRecords> {
    const records = new TlsRecords(target);
    records.#server.listen(0, '127.0.0.1');
    await once(records.#server, 'listening');
    return records;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #note(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= 5) {
      const end = 5 + this.#pending.readUInt16BE(3);
      if (this.#pending.length < end) return;
      const kind = names[this.#pending[0]!] ?? `kind ${this.#pending[0]}`;
      if (this.fromServer.at(-1) !== kind) this.fromServer.push(kind);
      this.#pending = this.#pending.subarray(end);
    }
  }
}
