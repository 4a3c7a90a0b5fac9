// A WebSocket on /echo that may stop reading, and goes on sending all the same: what comes back to it queues in the gateway until its window is full.

import { connect, type AddressInfo, type Socket } from 'node:net';
import { clientFrame, handshakeFor } from './raw-peer.ts';

export class SlowEcho {
  readonly #socket: Socket;
  /** Bytes that came back. */
  received = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => (this.received += data.length));
    // The gateway may abort it.
    socket.on('error', () => {});
  }

  static async open(port: number, ...fields: readonly string[]): Promise<SlowEcho> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => socket.write(handshakeFor('/echo', ...fields)));
      socket.once('data', (data) => (data.toString('latin1').startsWith('HTTP/1.1 101') ? resolve() : reject(new Error(data.toString('latin1')))));
    });
    return new SlowEcho(socket);
  }

  /** As the gateway knows it. */
  get peer(): string {
    const { address, port } = this.#socket.address() as AddressInfo;
    return `${address}:${port}`;
  }

  get isClosed(): boolean {
    return this.#socket.closed;
  }

  /** A message of so many bytes. */
  send(bytes: number): void {
    this.#socket.write(clientFrame(0x82, new Uint8Array(bytes)));
  }

  /** Reads nothing any more, and sends more than the kernel's buffers on both sides and the gateway's window hold. */
  stall(): void {
    this.#socket.pause();
    for (let sent = 0; sent < 24; sent++) this.send(1_000_000);
  }

  /** Reads again. */
  recover(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
