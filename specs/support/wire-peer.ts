// A connection, over TLS where the gateway speaks it, that sends exactly the bytes a spec writes, and takes what comes back apart: HTTP replies, WebSocket frames,
// pieces of a chunked body. Nothing is corrected on the way, so a spec can say what RFC section it breaks.

import type { Socket } from 'node:net';
import { parseReply, takeChunk, type Reply } from './http-wire.ts';
import { connectTo } from './secure.ts';
import { frame, parseFrame, type Frame, type FrameFields } from './websocket-wire.ts';
import { patienceMs } from './patience.ts';

/** Takes something off the front of what has arrived: its value and its length in bytes, or null while it is not complete. */
export type Take<T> = (bytes: Buffer, ended: boolean) => { readonly value: T; readonly length: number } | null;

export class WirePeer {
  readonly socket: Socket;
  /** `fin` or `reset` once the other side has ended. */
  ending: 'fin' | 'reset' | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data]);
      this.#wake?.();
    });
    const end = (ending: 'fin' | 'reset'): void => {
      this.ending ??= ending;
      this.#wake?.();
    };
    socket.on('end', () => end('fin'));
    socket.on('error', () => end('reset'));
    socket.on('close', () => end('reset'));
  }

  static async connect(port: number): Promise<WirePeer> {
    return new WirePeer(await connectTo(port));
  }

  /** A peer whose socket somebody else has connected. */
  static over(socket: Socket): WirePeer {
    return new WirePeer(socket);
  }

  /** Text is latin1, one byte per character. */
  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** A request line, `Host`, the given lines and the empty one. */
  request(line: string, ...fields: string[]): void {
    this.send([line, 'Host: spec', ...fields, '', ''].join('\r\n'));
  }

  async take<T>(what: string, take: Take<T>): Promise<T> {
    const deadline = performance.now() + patienceMs();
    for (;;) {
      const taken = take(this.#bytes, this.ending !== null);
      if (taken !== null) {
        this.#bytes = this.#bytes.subarray(taken.length);
        return taken.value;
      }
      if (this.ending !== null) throw new Error(`${what}: ${this.ending} after ${JSON.stringify(this.#bytes.toString('latin1').slice(0, 400))}`);
      await this.#change(what, deadline);
    }
  }

  /** The next reply; `method` tells how it is framed. */
  reply(method = 'GET'): Promise<Reply> {
    return this.take(`a reply to ${method}`, (bytes, ended) => parseReply(bytes, method, ended));
  }

  /** The head of a reply whose body is still to come. */
  head(): Promise<Reply> {
    return this.reply('HEAD');
  }

  chunk(): Promise<string> {
    return this.take('a chunk', takeChunk);
  }

  /** The next WebSocket frame from the server. */
  frame(): Promise<Frame> {
    return this.take('a frame', parseFrame);
  }

  /** Sends a masked frame, as a client must. */
  sendFrame(fields: FrameFields): void {
    this.send(frame(fields));
  }

  /** Waits for FIN or RST, and answers what else had come before it. */
  async rest(): Promise<string> {
    const rest = await this.take<string>('the end', (bytes, ended) => (ended ? { value: bytes.toString('latin1'), length: bytes.length } : null));
    return rest;
  }

  /** Sends FIN. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #change(what: string, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${what} did not come; there is ${JSON.stringify(this.#bytes.toString('latin1').slice(0, 400))}`)),
        Math.max(0, deadline - performance.now()),
      );
      this.#wake = () => {
        this.#wake = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
