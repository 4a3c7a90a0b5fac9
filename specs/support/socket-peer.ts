// A WebSocket client that keeps every frame as it came, over any transport's endpoint. It sends what it is told to, byte for byte, and reads
// while it is told to.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';
import { parseReply, type Reply } from './http-wire.ts';
import { handshakeFor } from './raw-peer.ts';
import { closePayload, frame, opcodes, parseFrame, type Frame, type FrameFields } from './websocket-wire.ts';

export interface SocketMessage {
  readonly opcode: number;
  readonly payload: Buffer;
  /** How many frames it came in. */
  readonly frames: number;
}

export class SocketPeer implements EndpointSink {
  readonly endpoint: Endpoint;
  /** The answer to its handshake, or to the one request it made. */
  reply: Reply | null = null;
  /** Every frame in the order in which it came. */
  readonly frames: Frame[] = [];
  /** Whole messages, put together from their frames. */
  readonly messages: SocketMessage[] = [];
  bytesIn = 0;
  /** FIN has come. */
  hasEnded = false;
  isClosed = false;
  error: TransportError | null = null;
  /** Takes whole messages as they come, in place of `messages` and `frames`. */
  onMessage: ((message: SocketMessage) => void) | null = null;
  /** FIN is answered by FIN. */
  answersEnd = true;
  readonly #pool = new Pool('socket peer');
  #unread: Buffer = Buffer.alloc(0);
  #begun: Frame[] = [];

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  /** Asks for a socket. */
  upgrade(target: string, ...fields: readonly string[]): void {
    this.send(handshakeFor(target, ...fields));
  }

  send(bytes: string | Uint8Array): void {
    if (this.isClosed) return;
    const brigade = new Brigade(this.#pool);
    brigade.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    this.endpoint.write(brigade);
  }

  sendFrame(fields: FrameFields): void {
    this.send(frame(fields));
  }

  sendText(...texts: readonly string[]): void {
    this.send(Buffer.concat(texts.map((payload) => frame({ opcode: opcodes.text, payload }))));
  }

  /** Sends a close frame; whoever gets it answers, and sends FIN. */
  close(code = 1000): void {
    this.sendFrame({ opcode: opcodes.close, payload: closePayload(code) });
  }

  get isOpen(): boolean {
    return this.reply?.status === 101;
  }

  get texts(): string[] {
    return this.messages.map(({ payload }) => payload.toString());
  }

  /** Of the close frame: 0 before there was one, 1005 without a code. */
  get closeCode(): number {
    const last = this.frames.at(-1);
    if (last?.opcode !== opcodes.close) return 0;
    return last.payload.length < 2 ? 1005 : last.payload.readUInt16BE(0);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.bytesIn += end - start;
    this.#unread = Buffer.concat([this.#unread, bytes.subarray(start, end)]);
    this.#read();
  }

  onEnd(): void {
    this.hasEnded = true;
    this.#read();
    if (this.answersEnd) this.endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.isClosed = true;
    this.error = error;
    this.#pool.destroy();
  }

  #read(): void {
    if (this.reply === null) {
      const taken = parseReply(this.#unread, 'GET', this.hasEnded);
      if (taken === null) return;
      this.reply = taken.value;
      this.#unread = this.#unread.subarray(taken.length);
    }
    if (!this.isOpen) return;
    for (let taken = parseFrame(this.#unread, false); taken !== null; taken = parseFrame(this.#unread, false)) {
      this.#unread = this.#unread.subarray(taken.length);
      this.#take(taken.value);
    }
  }

  #take(one: Frame): void {
    const { onMessage } = this;
    if (onMessage === null || one.opcode >= opcodes.close) this.frames.push(one);
    if (one.opcode >= opcodes.close) return;
    if ((one.opcode === opcodes.continuation) !== this.#begun.length > 0) throw new Error(`opcode ${one.opcode} behind ${this.#begun.length} fragments`);
    this.#begun.push(one);
    if (!one.fin) return;
    const [first] = this.#begun;
    const message = { opcode: first!.opcode, payload: Buffer.concat(this.#begun.map(({ payload }) => payload)), frames: this.#begun.length };
    this.#begun = [];
    if (onMessage === null) this.messages.push(message);
    else onMessage(message);
  }
}
