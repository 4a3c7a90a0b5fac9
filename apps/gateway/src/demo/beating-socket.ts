// What the sockets that do something every so often have in common: each is a member of a beat for as long as it is open.

import type { WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { MessageOpcode } from '@sluice/websocket';
import type { Beat, Beating } from './beat.ts';

export abstract class BeatingSocket implements WebSocketHandler, Beating {
  socket!: WebSocketSession;
  readonly #beat: Beat;

  constructor(beat: Beat) {
    this.#beat = beat;
  }

  abstract beat(tick: number): void;
  abstract onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean;

  onOpen(socket: WebSocketSession): void {
    this.socket = socket;
    this.#beat.add(this);
  }

  onWritable(): void {}

  onClose(): void {
    this.leaveBeat();
  }

  /** There is nothing more to do by itself. */
  protected leaveBeat(): void {
    this.#beat.remove(this);
  }
}
