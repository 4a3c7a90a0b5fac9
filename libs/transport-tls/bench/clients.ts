// The other side of the measurements: servers started in processes of their own, and clients of node:tls that talk to them.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Certificates } from '../test/certificates.ts';

export const kinds = ['native', 'sockets', 'node', 'ws'] as const;
export type Kind = (typeof kinds)[number];

export interface Report {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const payload = Buffer.alloc(64, 'x');
/** The payload in a masked binary frame, and the length of the unmasked frame that comes back (RFC 6455 section 5.2). */
const frame = Buffer.concat([Buffer.from([0x82, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
const frameAnswerBytes = payload.length + 2;
const upgrade = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');

const certificates = new Certificates();
const identity = certificates.make({ subject: '/CN=localhost', names: 'DNS:localhost' });
certificates.remove();

export class Peer {
  readonly kind: Kind;
  readonly #server: ChildProcess;
  readonly #sockets: TLSSocket[] = [];
  #port = 0;

  private constructor(kind: Kind) {
    this.kind = kind;
    const script = fileURLToPath(new URL('server.ts', import.meta.url));
    this.#server = fork(script, [kind, identity.certificate, identity.key], { execArgv: ['--conditions=@sluice/source', '--expose-gc'] });
  }

  static async start(kind: Kind): Promise<Peer> {
    const peer = new Peer(kind);
    const [{ port }] = (await once(peer.#server, 'message')) as [{ port: number }];
    peer.#port = port;
    return peer;
  }

  async report(): Promise<Report> {
    this.#server.send('report');
    const [answer] = (await once(this.#server, 'message')) as [Report];
    return answer;
  }

  /** More connections, a few at a time, each ready to be talked over. */
  async open(count: number): Promise<TLSSocket[]> {
    const opened: TLSSocket[] = [];
    while (opened.length < count) {
      const batch = Array.from({ length: Math.min(50, count - opened.length) }, () => this.#openOne());
      opened.push(...(await Promise.all(batch)));
    }
    this.#sockets.push(...opened);
    return opened;
  }

  /** Each client has one message under way, until all together have had so many answers. */
  exchange(clients: readonly TLSSocket[], count: number): Promise<void> {
    const [message, answerBytes] = this.kind === 'ws' ? [frame, frameAnswerBytes] : [payload, payload.length];
    return new Promise((resolve) => {
      let left = count;
      for (const client of clients) {
        let missing = answerBytes;
        client.removeAllListeners('data');
        client.on('data', (bytes: Buffer) => {
          missing -= bytes.length;
          if (missing > 0) return;
          missing = answerBytes;
          if (--left === 0) resolve();
          if (left > 0) client.write(message);
        });
        client.write(message);
      }
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.disconnect();
    await once(this.#server, 'exit');
  }

  async #openOne(): Promise<TLSSocket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.setNoDelay(true);
    await once(socket, 'secureConnect');
    if (this.kind !== 'ws') return socket;
    socket.write(upgrade);
    await once(socket, 'data');
    return socket;
  }
}
