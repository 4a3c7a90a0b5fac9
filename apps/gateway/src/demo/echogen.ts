// `/echogen`: the server sends one text message of a million bytes in fragments of 2,048, the client sends it back, in as many
// messages and fragments as it likes, and the server compares byte by byte.
//
// Neither side of it is held in memory: what is sent is generated as there is room for it, and what comes back is compared with a
// second run of the same generator. At the end the client is told (`{"verified":1000000,"ms":…}`) and the socket closed (1000); at the
// first byte that differs it is closed with 1008 and the byte's place.

import type { WebSocketSession } from '@sluice/connection';
import { Opcode, type MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Beat } from './beat.ts';
import { BeatingSocket } from './beating-socket.ts';
import { Noise } from './noise.ts';

export const echogenBytes = 1_000_000;
const fragmentBytes = 2048;
/** Made in one go at most, so that others have their turn; the rest follows when that has left, or at the next beat. */
const fragmentsAtOnce = 128;
const seed = 1;
/** Filled and sent at once: one serves all. */
const scratch = new Uint8Array(fragmentBytes);

/** From `!` to `~`. */
const printable = (noise: Noise): number => 0x21 + noise.below(94);

export class EchogenSocket extends BeatingSocket {
  readonly #traffic: TrafficCounters;
  readonly #totalBytes: number;
  readonly #outbound = new Noise(seed);
  readonly #inbound = new Noise(seed);
  #sentBytes = 0;
  #verifiedBytes = 0;
  #openedAtMs = 0;

  /** `totalBytes` is less than a million where messages of that size are not taken. */
  constructor(beat: Beat, traffic: TrafficCounters, totalBytes: number) {
    super(beat);
    this.#traffic = traffic;
    this.#totalBytes = totalBytes;
  }

  override onOpen(socket: WebSocketSession): void {
    super.onOpen(socket);
    this.#openedAtMs = socket.connection.host.clock.now();
    this.#send();
  }

  beat(): void {
    this.#send();
  }

  override onWritable(): void {
    this.#send();
  }

  #send(): void {
    const { connection, engine } = this.socket;
    for (let count = 0; count < fragmentsAtOnce && this.#sentBytes < this.#totalBytes; count++) {
      const length = Math.min(fragmentBytes, this.#totalBytes - this.#sentBytes);
      if (engine.closeState !== 'open' || !connection.admit(length)) return;
      for (let i = 0; i < length; i++) scratch[i] = printable(this.#outbound);
      const opcode = this.#sentBytes === 0 ? Opcode.Text : 0;
      this.#sentBytes += length;
      engine.sendFrame(opcode, scratch, 0, length, this.#sentBytes === this.#totalBytes);
      connection.requestFlush();
      if (this.#sentBytes === this.#totalBytes) this.#traffic.messagesOut++;
    }
    if (this.#sentBytes === this.#totalBytes) this.leaveBeat();
  }

  onMessage(socket: WebSocketSession, _opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    this.#traffic.messagesIn++;
    for (let at = start; at < end; at++) {
      if (this.#verifiedBytes === this.#sentBytes || bytes[at] !== printable(this.#inbound)) {
        socket.close(1008, `byte ${this.#verifiedBytes} is not what was sent`, 'refused');
        return true;
      }
      this.#verifiedBytes++;
    }
    if (this.#verifiedBytes === this.#totalBytes) {
      const ms = Math.round(socket.connection.host.clock.now() - this.#openedAtMs);
      this.#traffic.messagesOut++;
      socket.send(Opcode.Text, Buffer.from(JSON.stringify({ verified: this.#verifiedBytes, ms })));
      socket.close(1000, '', 'served');
    }
    return true;
  }
}
