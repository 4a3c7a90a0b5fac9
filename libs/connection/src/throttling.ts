// The rate limits of one connection, what they hold back now, and the portions in which throttled output leaves. Only a connection
// that has a limit has one of these.
//
//     output:   rest of the frame that was cut │ control frames │ data, up to the allowance ══cut══ the rest waits
//
// Output is cut anywhere, also in the middle of a frame. Control frames overtake data, but not the inside of a frame: `lead` is
// how much of the output's front has to leave before them.

import { Brigade, streamSource, type Bucket } from '@sluice/brigade';
import { Throttle } from '@sluice/timing';
import type { ThrottleSettings } from './host.ts';
import type { Session } from './session.ts';

export type Direction = 'in' | 'out';

export class Throttling {
  in: Throttle | null;
  out: Throttle | null;
  /** The direction is suspended: its deadline (`throttleIn`, `throttleOut`) ends that. */
  inHeld = false;
  outHeld = false;
  /** Reading was suspended since a request began: what is missing of it may not be the peer's fault. */
  readingWasHeld = false;
  /** The last hand-out left something behind. */
  withheld = false;
  /** What was held back has moved on: the session may have room again, and hears of it at the end of the turn. */
  roomToTell = false;
  /** Bytes at the front of the output that leave before any control frame; `Infinity` for all of it. */
  lead = 0;
  #awaited: Bucket | null = null;

  constructor({ inBytesPerSecond, outBytesPerSecond }: ThrottleSettings, nowMs: number) {
    this.in = inBytesPerSecond > 0 ? new Throttle(inBytesPerSecond, nowMs) : null;
    this.out = outBytesPerSecond > 0 ? new Throttle(outBytesPerSecond, nowMs) : null;
  }

  /** Bytes per second; 0 for no limit. */
  rate(direction: Direction): number {
    return this[direction]?.bytesPerSecond ?? 0;
  }

  /** Sets or lifts a limit. The direction is not held any more; whoever moves bytes next finds out whether it may. */
  setRate(direction: Direction, bytesPerSecond: number, nowMs: number): void {
    const throttle = this[direction];
    if (bytesPerSecond === 0) this[direction] = null;
    else if (throttle === null) this[direction] = new Throttle(bytesPerSecond, nowMs);
    else throttle.setRate(bytesPerSecond, nowMs);
    if (direction === 'in') this.inHeld = this.in !== null && this.in.allowance(nowMs) === 0;
    else this.outHeld = false;
  }

  /** Nothing is limited, and nothing is left of a time when something was. */
  get isOver(): boolean {
    return this.in === null && this.out === null && this.lead === 0 && !this.roomToTell;
  }

  /** The next session sends into its own brigade: what the last one could not send yet leaves before anything of it. */
  carryOver(from: Session, into: Session): void {
    const rest = new Brigade(into.output.pool);
    if (from.controlOutput !== null) rest.concat(from.controlOutput);
    rest.concat(from.output);
    this.lead = rest.length < 0 ? Infinity : rest.length;
    rest.concat(into.output);
    into.output.concat(rest);
  }

  /**
   * Takes what leaves now from the session: `allowed` bytes at most, but all control frames that can go. A stream gives what it has;
   * `onReadable` is called when it has more.
   */
  portion(session: Session, allowed: number, onReadable: () => void): Brigade {
    const { output, controlOutput } = session;
    const portion = new Brigade(output.pool);
    let left = allowed;
    if (controlOutput !== null && !controlOutput.isEmpty) {
      if (this.lead > 0) left -= this.#move(output, portion, Math.min(this.lead, left), onReadable);
      if (this.lead > 0) return portion;
      left -= controlOutput.length;
      portion.concat(controlOutput);
    }
    if (left > 0 && !output.isEmpty) {
      if (this.lead < left && left < output.length && session.cutFrameBytes !== undefined) {
        this.lead = left + session.cutFrameBytes(this.lead, left);
      }
      this.#move(output, portion, left, onReadable);
    }
    return portion;
  }

  /** Moves the first `bytes` and the marks behind them, as far as they are there; answers how many bytes were moved. */
  #move(from: Brigade, into: Brigade, bytes: number, onReadable: () => void): number {
    const before = into.length;
    if (bytes < Infinity && (from.length < 0 || from.length > bytes)) {
      const index = from.partition(bytes);
      const rest = from.splitAt(index === 'incomplete' ? this.#untilStream(from, onReadable) : index);
      while (rest.first()?.isMark === true) from.append(rest.shift() as Bucket);
      into.concat(from);
      from.concat(rest);
    } else {
      into.concat(from);
    }
    const moved = into.length - before;
    this.lead = from.isEmpty ? 0 : Math.max(0, this.lead - moved);
    return moved;
  }

  /** The index of the first stream, which has nothing to give yet; the end when there is none. */
  #untilStream(output: Brigade, onReadable: () => void): number {
    for (let index = 0; index < output.count; index++) {
      const bucket = output.at(index);
      if (bucket.length >= 0) continue;
      if (this.#awaited !== bucket) {
        this.#awaited = bucket;
        streamSource(bucket).onReadable(() => {
          if (this.#awaited === bucket) this.#awaited = null;
          onReadable();
        });
      }
      return index;
    }
    return output.count;
  }
}
