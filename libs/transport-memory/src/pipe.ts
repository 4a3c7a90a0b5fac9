// One direction of a connection: bytes on their way in segments, each with a time of arrival, and a buffer where the
// receiver finds them. Both together hold at most `capacityBytes`; the writer stops there, as at a full socket buffer.
//
//     inFlight + available <= capacityBytes (a leftover put back may exceed it)

import { copyBytes } from '@sluice/brigade';
import type { VirtualClock } from '@sluice/timing';
import type { LinkFaults } from './faults.ts';
import type { Random } from './random.ts';

/** Most bytes that one read brings. */
const LARGEST_READ = 64 * 1024;

export class Pipe {
  /** What `take` took: `bytes[start, end)`. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Bytes that have arrived and were not taken. */
  available = 0;
  /** FIN has arrived. */
  ended = false;
  /** RST has arrived. */
  wasReset = false;
  readonly readDelayMs: number;
  /** The receiver is told, from the event loop, that bytes, FIN or RST have arrived. */
  onArrival: (() => void) | null = null;
  /** The writer is told, from the event loop, that there is room again. */
  onRoom: (() => void) | null = null;
  /** The other direction of the same connection. */
  reverse: Pipe = this;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #faults: LinkFaults;
  readonly #capacityBytes: number;
  readonly #arrived: Uint8Array[] = [];
  /** Bytes of the first arrived segment that were taken already. */
  #taken = 0;
  #inFlight = 0;
  #carried = 0;
  #lastArrival = 0;
  /** FIN or RST is on its way or there: nothing may follow. */
  #finished = false;
  /** The receiver is gone: what arrives is answered with RST. */
  #refusing = false;
  #wantsRoom = false;

  constructor(clock: VirtualClock, random: Random, faults: LinkFaults, capacityBytes: number) {
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
    this.#capacityBytes = capacityBytes;
    this.readDelayMs = faults.readDelayMs ?? 0;
  }

  /** How many bytes a write may take now. When 0, `onRoom` will come. */
  writable(): number {
    const room = this.#capacityBytes - this.#inFlight - this.available;
    if (room > 0) {
      const { largestWrite } = this.#faults;
      return largestWrite === undefined ? room : Math.min(room, 1 + this.#random.below(largestWrite));
    }
    this.#wantsRoom = true;
    return 0;
  }

  /** Sends a segment off. It is the pipe's from here on. */
  push(segment: Uint8Array): void {
    if (this.#finished || segment.length === 0) return;
    const cutAt = Math.min(this.#faults.resetAtByte ?? Infinity, this.#faults.endAtByte ?? Infinity);
    const passing = Math.min(segment.length, cutAt - this.#carried);
    const bytes = passing < segment.length ? segment.subarray(0, passing) : segment;
    this.#carried += passing;
    this.#inFlight += passing;
    if (passing > 0) this.#send(() => this.#arrive(bytes));
    if (this.#carried < cutAt) return;
    if (cutAt === this.#faults.resetAtByte) this.reset();
    else this.finish();
    this.reverse.reset();
  }

  /** FIN, behind everything sent. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#send(() => {
      this.ended = true;
      this.onArrival?.();
    });
  }

  /** RST, behind everything sent. */
  reset(): void {
    this.#finished = true;
    this.#send(() => {
      this.wasReset = true;
      this.onArrival?.();
    });
  }

  /** Takes the next bytes that arrived, `available` being above 0. They are the caller's. */
  take(): void {
    const { largestRead } = this.#faults;
    let wanted = Math.min(LARGEST_READ, this.available);
    if (largestRead !== undefined) wanted = Math.min(wanted, 1 + this.#random.below(largestRead));
    const first = this.#arrived[0];
    if (first.length - this.#taken >= wanted) {
      this.bytes = first;
      this.start = this.#taken;
      this.end = this.#taken + wanted;
      this.#drop(wanted);
    } else {
      this.bytes = new Uint8Array(wanted);
      this.start = 0;
      this.end = wanted;
      for (let at = 0; at < wanted;) {
        const piece = this.#arrived[0].subarray(this.#taken, this.#taken + wanted - at);
        this.bytes.set(piece, at);
        at += piece.length;
        this.#drop(piece.length);
      }
    }
    this.available -= wanted;
    this.#tellRoom();
  }

  #tellRoom(): void {
    if (!this.#wantsRoom) return;
    this.#wantsRoom = false;
    this.#clock.schedule(0, () => this.onRoom?.());
  }

  /** Puts bytes that were taken elsewhere back, in front of all others. */
  untake(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#taken > 0) this.#arrived[0] = this.#arrived[0].subarray(this.#taken);
    this.#taken = 0;
    this.#arrived.unshift(copyBytes(bytes));
    this.available += bytes.length;
  }

  /** The receiver is gone for good: what it has not taken is dropped, and what comes is answered with RST. */
  refuse(): void {
    this.#refusing = true;
    this.onArrival = null;
    this.#arrived.length = 0;
    this.#taken = 0;
    this.available = 0;
    this.#tellRoom();
  }

  #arrive(bytes: Uint8Array): void {
    this.#inFlight -= bytes.length;
    if (this.#refusing) {
      this.reverse.reset();
      return;
    }
    this.#arrived.push(bytes);
    this.available += bytes.length;
    this.onArrival?.();
  }

  #drop(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < this.#arrived[0].length) return;
    this.#arrived.shift();
    this.#taken = 0;
  }

  #send(arrive: () => void): void {
    const { latencyMs = 0, jitterMs = 0, stallChance = 0, stallMs = 0 } = this.#faults;
    const now = this.#clock.now();
    let at = now + latencyMs;
    if (jitterMs > 0) at += this.#random.below(jitterMs + 1);
    if (stallChance > 0 && this.#random.chance(stallChance)) at += stallMs;
    this.#lastArrival = Math.max(this.#lastArrival, at);
    this.#clock.schedule(this.#lastArrival - now, arrive);
  }
}
