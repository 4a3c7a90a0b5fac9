// `/fraggle`: binary messages cut into random fragments, each followed by a checksum that the client compares.
//
//   text    {"seed":…,"messages":…}                    what would have to be asked for to get the same again
//   binary  1 to 16 fragments of 0 to 8,000 bytes       ┐
//   binary  4 bytes, big-endian: the sum of its bytes   ┘ as many times as `messages` says; then close 1000
//
// What the client sends is not looked at. Fragments are made when there is room for them, a few messages' worth in one go at most.

import type { WebSocketSession } from '@sluice/connection';
import { Opcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Beat } from './beat.ts';
import { BeatingSocket } from './beating-socket.ts';
import { Noise } from './noise.ts';

export const maxFraggleMessages = 10_000;
const maxFragments = 16;
const maxFragmentBytes = 8000;
/** Made in one go at most, so that others have their turn; the rest follows when that has left, or at the next beat. */
const fragmentsAtOnce = 64;
/** Filled and sent at once: one serves all. */
const scratch = new Uint8Array(maxFragmentBytes);

export interface FraggleOptions {
  /** From 1 to 2^32 − 1; the same seed gives the same bytes in the same fragments. */
  readonly seed: number;
  readonly messages: number;
}

export class FraggleSocket extends BeatingSocket {
  readonly #traffic: TrafficCounters;
  readonly #options: FraggleOptions;
  readonly #noise: Noise;
  #messagesLeft: number;
  /** Of the current message, and whether its first is still to come. */
  #fragmentsLeft = 0;
  #isFirst = true;
  /** Of the fragment to come: drawn once, however often there is no room for it. −1: not drawn. */
  #length = -1;
  #sum = 0;

  constructor(beat: Beat, traffic: TrafficCounters, options: FraggleOptions) {
    super(beat);
    this.#traffic = traffic;
    this.#options = options;
    this.#noise = new Noise(options.seed);
    this.#messagesLeft = options.messages;
  }

  override onOpen(socket: WebSocketSession): void {
    super.onOpen(socket);
    socket.send(Opcode.Text, Buffer.from(JSON.stringify(this.#options)));
    this.#beginMessage();
    this.#send();
  }

  beat(): void {
    this.#send();
  }

  override onWritable(): void {
    this.#send();
  }

  #beginMessage(): void {
    this.#fragmentsLeft = 1 + this.#noise.below(maxFragments);
    this.#isFirst = true;
    this.#sum = 0;
  }

  #send(): void {
    const { connection, engine } = this.socket;
    for (let count = 0; count < fragmentsAtOnce && this.#messagesLeft > 0; count++) {
      if (this.#length < 0) this.#length = this.#noise.below(maxFragmentBytes + 1);
      // The checksum goes with the last fragment: there is room for both or for none.
      if (engine.closeState !== 'open' || !connection.admit(this.#length + 4)) return;
      this.#sendFragment();
      if (this.#fragmentsLeft === 0) this.#endMessage();
    }
  }

  #sendFragment(): void {
    const length = this.#length;
    for (let i = 0; i < length; i++) {
      scratch[i] = this.#noise.below(256);
      this.#sum = (this.#sum + scratch[i]!) >>> 0;
    }
    this.#fragmentsLeft--;
    this.socket.engine.sendFrame(this.#isFirst ? Opcode.Binary : 0, scratch, 0, length, this.#fragmentsLeft === 0);
    this.socket.connection.requestFlush();
    this.#isFirst = false;
    this.#length = -1;
  }

  #endMessage(): void {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(this.#sum);
    this.socket.send(Opcode.Binary, checksum);
    this.#traffic.messagesOut += 2;
    this.#messagesLeft--;
    if (this.#messagesLeft > 0) {
      this.#beginMessage();
      return;
    }
    this.leaveBeat();
    this.socket.close(1000, '', 'served');
  }

  onMessage(): boolean {
    this.#traffic.messagesIn++;
    return true;
  }
}
