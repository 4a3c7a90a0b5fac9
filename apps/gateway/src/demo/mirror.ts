// `/mirror`: everything anyone sends goes to everyone, in one order, and nothing is lost.
//
// Messages stand in one ring of shared frames. Each member has a place in it and takes frames while its window lasts; what all
// have taken leaves the ring.
//
//   empty ───────── half ───────────── nearly full ── full       nearly full: whoever sends is paused, and the grace begins to run
//                    ▲                                           down to half within the grace: senders go on, nobody has lost anything
//                    └─ senders go on        otherwise: every member that still lacks more than half a ring is dropped
//
// So nobody waits longer than the grace for a slow member, a member that keeps up with half a ring per grace is never dropped, and memory
// is bounded by the ring and one message of each sender, whatever anyone does.

import type { Bucket, Pool } from '@sluice/brigade';
import type { WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { Clock } from '@sluice/timing';
import { encodeSharedFrame, type MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';

/** What the ring holds, and how long it may stay full. */
export interface MirrorRing {
  readonly maxFrames: number;
  readonly maxBytes: number;
  readonly graceMs: number;
}

export interface MirrorOptions extends MirrorRing {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly traffic: TrafficCounters;
}

/** Shares of the ring at which senders are paused, and go on. */
const nearlyFull = 7 / 8;
const roomAgain = 1 / 2;

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
  /** Members whose next frame is the ring's first: while there is one, nothing can leave the ring. */
  #atFirst = 0;
  /** Since when senders are paused; −1 while they are not. */
  #pausedSinceMs = -1;

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  onOpen(socket: WebSocketSession): void {
    this.#members.set(socket, { socket, next: this.#first + this.#ring.length });
    if (this.#ring.length === 0) this.#atFirst++;
  }

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    const { pool, traffic, clock } = this.#options;
    traffic.messagesIn++;
    const frame = encodeSharedFrame(pool, opcode, bytes, start, end);
    this.#ring.push(frame);
    this.#bytes += frame.length;
    for (const member of this.#members.values()) this.#advance(member);
    this.#trim();
    if (this.#pausedSinceMs < 0) {
      if (!this.#holds(nearlyFull)) return true;
      this.#pausedSinceMs = clock.now();
    }
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
    this.#paused.delete(socket);
    this.#remove(socket);
    this.#trim();
  }

  /** Drops whoever has kept the ring from becoming half empty for the grace. Called every so often. */
  sweep(): void {
    const { clock, graceMs } = this.#options;
    if (this.#pausedSinceMs < 0 || clock.now() - this.#pausedSinceMs < graceMs) return;
    const from = this.#fromHalf();
    // They no longer count from here on: closing may take them a while, since they do not read.
    for (const [socket, { next }] of this.#members) {
      if (next >= from) continue;
      this.#remove(socket);
      socket.connection.reject('slowConsumer');
    }
    this.#trim();
  }

  /** Lets go of everything. What members still send reaches nobody. */
  destroy(): void {
    this.#members.clear();
    this.#paused.clear();
    this.#atFirst = 0;
    this.#trim();
  }

  #advance(member: Member): void {
    const wasFirst = member.next === this.#first;
    const end = this.#first + this.#ring.length;
    while (member.next < end && member.socket.sendShared(this.#ring[member.next - this.#first]!)) {
      member.next++;
      this.#options.traffic.messagesOut++;
    }
    if (wasFirst && member.next !== this.#first) this.#atFirst--;
  }

  #remove(socket: WebSocketSession): void {
    const member = this.#members.get(socket);
    if (member === undefined) return;
    this.#members.delete(socket);
    if (member.next === this.#first) this.#atFirst--;
  }

  /** Whether that share of the ring is in use. */
  #holds(share: number): boolean {
    return this.#ring.length >= this.#options.maxFrames * share || this.#bytes >= this.#options.maxBytes * share;
  }

  /** The first sequence from which on what is in the ring is no more than half of it. */
  #fromHalf(): number {
    const { maxFrames, maxBytes } = this.#options;
    let at = 0;
    for (let bytes = this.#bytes; at < this.#ring.length; at++) {
      if (this.#ring.length - at < maxFrames * roomAgain && bytes < maxBytes * roomAgain) break;
      bytes -= this.#ring[at]!.length;
    }
    return this.#first + at;
  }

  /** Drops what all have taken, and lets senders go on when that made room. */
  #trim(): void {
    if (this.#atFirst === 0) this.#dropTaken();
    if (this.#pausedSinceMs < 0 || this.#holds(roomAgain)) return;
    this.#pausedSinceMs = -1;
    const waiting = [...this.#paused];
    this.#paused.clear();
    for (const socket of waiting) socket.resume();
  }

  #dropTaken(): void {
    let slowest = this.#first + this.#ring.length;
    for (const { next } of this.#members.values()) if (next < slowest) slowest = next;
    const taken = slowest - this.#first;
    for (let i = 0; i < taken; i++) {
      const frame = this.#ring[i]!;
      this.#bytes -= frame.length;
      frame.release();
    }
    if (taken > 0) this.#ring.splice(0, taken);
    this.#first = slowest;
    for (const { next } of this.#members.values()) if (next === slowest) this.#atFirst++;
  }
}
