// The portions in which throttled output leaves:
//
//     rest of the frame that was cut │ control frames │ data, up to the allowance ══cut══ the rest waits
//
// Output is cut anywhere, also in the middle of a frame. Control frames overtake data, but not the inside of a frame: `lead` is
// how much of the output's front has to leave before them.

import { Brigade, streamSource, type Bucket } from '@sluice/brigade';
import type { Session } from './session.ts';

export class Portions {
  /** Bytes at the front of the output that leave before any control frame; `Infinity` for all of it. */
  lead = 0;
  #awaited: Bucket | null = null;

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
  take(session: Session, allowed: number, onReadable: () => void): Brigade {
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
      if (controlOutput !== null && this.lead < left && left < output.length) {
        // Who cannot say where frames end has its control frames wait for all that is queued now.
        this.lead = session.cutFrameBytes === undefined ? output.length : left + session.cutFrameBytes(this.lead, left);
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
