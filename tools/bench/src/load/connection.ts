// A raw connection of the load generator, TCP or TLS. From TCP, bytes are read into one buffer that all connections share, so receiving
// allocates nothing; whoever is called back looks at them at once or only counts.

import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { Target } from './job.ts';

const shared = Buffer.allocUnsafeSlow(256 * 1024);
const headEnd = '\r\n\r\n';

/** `bytes[0, length)` arrived; they are overwritten after the call. */
export type OnBytes = (bytes: Buffer, length: number) => void;

export class RawConnection {
  onBytes: OnBytes = () => {
    throw new Error('bytes arrived that nothing was waiting for');
  };
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Connects. A connection that ends by itself afterwards is an error, thrown from the event loop. */
  static open(target: Target): Promise<RawConnection> {
    return new Promise((done, fail) => {
      const deliver = (bytes: Buffer, length: number): void => connection.onBytes(bytes, length);
      const socket = target.secure ? openSecure(target, deliver) : openClear(target, deliver);
      const connection = new RawConnection(socket);
      socket.once('error', fail);
      socket.once(target.secure ? 'secureConnect' : 'connect', () => {
        socket.off('error', fail);
        socket.on('error', (error) => {
          throw error;
        });
        socket.on('close', () => {
          throw new Error('the server closed a connection');
        });
        done(connection);
      });
    });
  }

  /** Sends a request and waits for the head of the answer; answers the head, and how many bytes came after it. */
  request(text: string): Promise<{ head: string; extraBytes: number }> {
    let received = '';
    return new Promise((done) => {
      this.onBytes = (bytes, length) => {
        received += bytes.toString('latin1', 0, length);
        const end = received.indexOf(headEnd);
        if (end >= 0) done({ head: received.slice(0, end), extraBytes: received.length - end - headEnd.length });
      };
      this.socket.write(text);
    });
  }

  /** Turns the connection into a WebSocket without extensions. */
  async upgrade(path: string): Promise<void> {
    const { head, extraBytes } = await this.request(
      `GET ${path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(`no upgrade: ${head.split('\r\n')[0]}`);
    if (extraBytes > 0) throw new Error(`the server sent ${extraBytes} bytes before it was asked to`);
    this.onBytes = () => {
      throw new Error('a message arrived before the work began');
    };
  }
}

function openClear({ port, localAddress }: Target, deliver: OnBytes): Socket {
  const callback = (length: number, bytes: unknown): boolean => (deliver(bytes as Buffer, length), true);
  return connect({ host: '127.0.0.1', port, localAddress, noDelay: true, onread: { buffer: shared, callback } });
}

function openSecure({ port, localAddress }: Target, deliver: OnBytes): Socket {
  const options = { host: '127.0.0.1', port, localAddress, noDelay: true, rejectUnauthorized: false };
  return connectSecurely(options).on('data', (bytes: Buffer) => deliver(bytes, bytes.length));
}

const openAtOnce = 64;

/** Opens `count` connections, a few at once, so that no accept queue overflows. */
export async function openMany<T>(count: number, open: () => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  while (opened.length < count) {
    const batch = Math.min(openAtOnce, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  return opened;
}

/** A WebSocket to `path`, ready for frames. */
export async function openWebSocket(target: Target, path: string): Promise<RawConnection> {
  const connection = await RawConnection.open(target);
  await connection.upgrade(path);
  return connection;
}
