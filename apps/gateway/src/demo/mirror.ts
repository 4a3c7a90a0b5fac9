// `/mirror`: everything anyone sends goes to everyone, in one order, and nothing is lost.
//
// Messages stand in one ring of shared frames. Each member has a place in it and takes frames while its window lasts; what all
// have taken leaves the ring. When the ring is full, whoever sends is paused; a member that holds the ring up for
// longer than the grace is dropped. So memory is bounded by the ring and one message from each sender, whatever anyone does.

import type { Bucket, Pool } from '@sluice/brigade';
import type { WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { Clock } from '@sluice/timing';
import { encodeSharedFrame, type MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';

export interface MirrorOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly traffic: TrafficCounters;
  /** Frames and bytes the ring holds. */
  readonly maxFrames: number;
  readonly maxBytes: number;
  /** How long the slowest member may hold up a full ring. */
  readonly graceMs: number;
}

interface Member {
  readonly socket: WebSocketSession;
  /** Sequence of the next frame it takes. */
  next: number;
}

export class MirrorHandler implements WebSocketHandler {
  readonly #options: MirrorOptions;
  readonly #members = new Map<WebSocketSession, Member>();
  readonly #paused = new Set<WebSocketSession>();
  readonly #ring: Bucket[] = [];
  /** Sequence of the ring's first frame. */
  #first = 0;
  #bytes = 0;
  /** When the ring became full; −1 while it is not. */
  #fullSinceMs = -1;

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  onOpen(socket: WebSocketSession): void {
    this.#members.set(socket, { socket, next: this.#first + this.#ring.length });
  }

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    const { pool, traffic } = this.#options;
    traffic.messagesIn++;
    const frame = encodeSharedFrame(pool, opcode, bytes, start, end);
    this.#ring.push(frame);
    this.#bytes += frame.length;
    for (const member of this.#members.values()) this.#advance(member);
    this.#trim();
    if (!this.#isFull()) return true;
    this.#paused.add(socket);
    return false;
  }

  onWritable(socket: WebSocketSession): void {
    const member = this.#members.get(socket);
    if (member === undefined) return;
    this.#advance(member);
    this.#trim();
  }

  onClose(socket: WebSocketSession): void {
    this.#members.delete(socket);
    this.#paused.delete(socket);
    this.#trim();
  }

  /** Drops whoever has held up a full ring for too long. Called every so often. */
  sweep(): void {
    const { clock, graceMs } = this.#options;
    if (this.#fullSinceMs < 0 || clock.now() - this.#fullSinceMs < graceMs) return;
    // It no longer counts from here on: closing may take it a while, since it does not read.
    for (const [socket, { next }] of this.#members) {
      if (next !== this.#first) continue;
      this.#members.delete(socket);
      socket.connection.reject('slowConsumer');
    }
    this.#trim();
  }

  /** Lets go of everything. What members still send reaches nobody. */
  destroy(): void {
    this.#members.clear();
    this.#paused.clear();
    this.#trim();
  }

  #advance(member: Member): void {
    const end = this.#first + this.#ring.length;
    while (member.next < end && member.socket.sendShared(this.#ring[member.next - this.#first]!)) {
      member.next++;
      this.#options.traffic.messagesOut++;
    }
  }

  #isFull(): boolean {
    return this.#ring.length >= this.#options.maxFrames || this.#bytes >= this.#options.maxBytes;
  }

  /** Drops what all have taken, and lets senders go on when that made room. */
  #trim(): void {
    let slowest = this.#first + this.#ring.length;
    for (const member of this.#members.values()) if (member.next < slowest) slowest = member.next;
    const taken = slowest - this.#first;
    if (taken > 0) {
      for (let i = 0; i < taken; i++) {
        const frame = this.#ring[i]!;
        this.#bytes -= frame.length;
        frame.release();
      }
      this.#ring.splice(0, taken);
      this.#first = slowest;
    }
    const full = this.#isFull();
    if (full && (this.#fullSinceMs < 0 || taken > 0)) this.#fullSinceMs = this.#options.clock.now();
    if (full) return;
    this.#fullSinceMs = -1;
    if (this.#paused.size === 0) return;
    const waiting = [...this.#paused];
    this.#paused.clear();
    for (const socket of waiting) socket.resume();
  }
}
