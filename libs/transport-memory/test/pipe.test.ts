import { VirtualClock } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import type { LinkFaults } from '../src/index.ts';
import { Pipe } from '../src/pipe.ts';
import { Random } from '../src/random.ts';

function pipes(faults: LinkFaults, capacity = 100) {
  const clock = new VirtualClock();
  const there = new Pipe(clock, new Random(1), faults, capacity);
  const back = new Pipe(clock, new Random(2), {}, capacity);
  there.reverse = back;
  back.reverse = there;
  return { clock, there, back };
}

const bytes = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, index) => from + index);

function drain(pipe: Pipe): number[] {
  const taken: number[] = [];
  while (pipe.available > 0) {
    pipe.take();
    taken.push(...pipe.bytes.subarray(pipe.start, pipe.end));
  }
  return taken;
}

describe('a pipe', () => {
  it('lets a writer who waits for a receiver that is gone find out', () => {
    const { clock, there, back } = pipes({});
    there.onRoom = () => there.push(bytes(10));
    there.push(bytes(100));
    clock.advanceBy(0);
    expect(there.writable()).toBe(0);
    there.refuse();
    clock.advanceBy(0);
    expect(back.wasReset).toBe(true);
  });

  it('puts back a copy, of a Node Buffer too, in front of a segment that was taken in part', () => {
    const { clock, there } = pipes({ largestRead: 4 });
    there.push(bytes(10));
    clock.advanceBy(0);
    there.take();
    const taken = [...there.bytes.subarray(there.start, there.end)];
    const lent = Buffer.from(taken);
    there.untake(lent);
    lent.fill(0xe5);
    expect(drain(there)).toEqual([...bytes(10)]);
  });

  it('holds its capacity, in flight and arrived together, and tells when there is room', () => {
    const { clock, there } = pipes({ latencyMs: 5 });
    let room = 0;
    there.onRoom = () => room++;
    there.push(bytes(60));
    expect(there.writable()).toBe(40);
    there.push(bytes(40, 60));
    expect(there.writable()).toBe(0);
    clock.advanceTo(4);
    expect(there.available).toBe(0);
    clock.advanceTo(5);
    expect(there.available).toBe(100);
    expect(there.writable()).toBe(0);
    expect(drain(there)).toEqual([...bytes(100)]);
    expect(room).toBe(0);
    clock.step();
    expect(room).toBe(1);
    expect(there.writable()).toBe(100);
  });

  it('keeps the order whatever the jitter and the stalls', () => {
    const { clock, there } = pipes({ latencyMs: 3, jitterMs: 50, stallChance: 0.3, stallMs: 100 }, 1000);
    for (let segment = 0; segment < 20; segment++) there.push(bytes(10, segment * 10));
    there.finish();
    let endedAt = -1;
    there.onArrival = () => {
      if (there.ended) endedAt = there.available;
    };
    clock.advanceTo(10_000);
    expect(endedAt).toBe(200);
    expect(drain(there)).toEqual([...bytes(200)]);
  });

  it('joins small segments in one read and cuts big ones', () => {
    const { clock, there } = pipes({});
    there.push(bytes(3));
    there.push(bytes(4, 3));
    clock.advanceBy(0);
    there.take();
    expect([there.start, there.end]).toEqual([0, 7]);
    expect([...there.bytes]).toEqual([...bytes(7)]);
    const cutting = pipes({ largestRead: 10 });
    cutting.there.push(bytes(90));
    cutting.clock.advanceBy(0);
    let reads = 0;
    while (cutting.there.available > 0) {
      cutting.there.take();
      expect(cutting.there.end - cutting.there.start).toBeLessThanOrEqual(10);
      reads++;
    }
    expect(reads).toBeGreaterThan(8);
  });

  it('puts a leftover in front of what has arrived', () => {
    const { clock, there } = pipes({});
    there.push(bytes(3, 10));
    clock.advanceBy(0);
    const leftover = bytes(2);
    there.untake(leftover);
    leftover.fill(99);
    expect(drain(there)).toEqual([0, 1, 10, 11, 12]);
  });

  it('breaks at its byte, for both ends', () => {
    const { clock, there, back } = pipes({ resetAtByte: 25 });
    there.push(bytes(20));
    there.push(bytes(20, 20));
    there.push(bytes(20, 40));
    clock.advanceBy(0);
    expect(drain(there)).toEqual([...bytes(25)]);
    expect(there.wasReset && back.wasReset).toBe(true);
    expect(there.ended).toBe(false);
  });

  it('ends at its byte: FIN for the reader, reset for the writer', () => {
    const { clock, there, back } = pipes({ endAtByte: 20 });
    there.push(bytes(20));
    clock.advanceBy(0);
    expect(drain(there)).toEqual([...bytes(20)]);
    expect(there.ended).toBe(true);
    expect(there.wasReset).toBe(false);
    expect(back.wasReset).toBe(true);
  });

  it('answers what arrives for a receiver that is gone with a reset', () => {
    const { clock, there, back } = pipes({ latencyMs: 1 });
    there.push(bytes(5));
    there.refuse();
    clock.advanceBy(10);
    expect(there.available).toBe(0);
    expect(back.wasReset).toBe(true);
  });
});
