import { Brigade, type Bucket, heapBytes, makeEos, makeSent, Pool, shareBytes, transientBytes } from '@sluice/brigade';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyInto, copyLeading, Gatherer, takeLeading } from '../src/gatherer.ts';
import { temporaryFile } from './set-up.ts';
import { FileHandleRef } from '@sluice/brigade';

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A gatherer and how to ask it. */
function gathering(capacity = 1024): { gatherer: Gatherer; gathered: (brigade: Brigade) => number[] } {
  const gatherer = new Gatherer(new Uint8Array(capacity));
  return { gatherer, gathered: (brigade) => Array.from(gatherer.buffer.subarray(0, gatherer.gather(brigade))) };
}

function brigadeOf(pool: Pool, ...buckets: Bucket[]): Brigade {
  const brigade = new Brigade(pool);
  for (const bucket of buckets) brigade.append(bucket);
  return brigade;
}

describe('Gatherer', () => {
  it('puts memory end to end, passing marks over, and leaves the brigade as it is', () => {
    const pool = new Pool();
    const { gathered } = gathering();
    const brigade = brigadeOf(pool, heapBytes(pool, bytesOf(1, 2)), makeEos(), transientBytes(bytesOf(3)), shareBytes(pool, bytesOf(4, 5)));
    expect(gathered(brigade)).toEqual([1, 2, 3, 4, 5]);
    expect(brigade.count).toBe(4);
    expect(brigade.length).toBe(5);
  });

  it('stops at a file and says that it follows', () => {
    const pool = new Pool();
    const { gatherer, gathered } = gathering();
    const handle = new FileHandleRef(pool, temporaryFile(bytesOf(9, 9)), 2);
    const brigade = brigadeOf(pool, heapBytes(pool, bytesOf(1)));
    brigade.insertFile(handle, 0, 2);
    brigade.append(heapBytes(pool, bytesOf(2)));
    expect(gathered(brigade)).toEqual([1]);
    expect(gatherer.fileFollows).toBe(true);
    handle.release();
    brigade.destroy();
  });

  it('fills its buffer and no more', () => {
    const pool = new Pool();
    const { gathered } = gathering(4);
    expect(gathered(brigadeOf(pool, heapBytes(pool, bytesOf(1, 2, 3)), heapBytes(pool, bytesOf(4, 5, 6))))).toEqual([1, 2, 3, 4]);
  });

  it('recognises shared buckets without copying them again', () => {
    const pool = new Pool();
    const { gatherer, gathered } = gathering();
    const frames = [shareBytes(pool, bytesOf(1, 2)), shareBytes(pool, bytesOf(3))];
    const next = (): Brigade => brigadeOf(pool, ...frames.map((frame) => frame.retain()));
    expect(gathered(next())).toEqual([1, 2, 3]);
    gatherer.buffer[0] = 77; // what a second copy would overwrite
    expect(gathered(next())).toEqual([77, 2, 3]);
    const longer = next();
    longer.append(heapBytes(pool, bytesOf(4)));
    expect(gathered(longer)).toEqual([77, 2, 3, 4]);
  });

  it('sees that a shared bucket with one holder left has been shortened by a partial write', () => {
    const pool = new Pool();
    const { gathered } = gathering();
    const brigade = brigadeOf(pool, shareBytes(pool, bytesOf(1, 2, 3, 4)));
    expect(gathered(brigade)).toEqual([1, 2, 3, 4]);
    brigade.consume(3);
    expect(gathered(brigade)).toEqual([4]);
  });

  it('gathers what the brigade says it holds, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.nat(3), fc.nat(5)), { maxLength: 12 }), { maxLength: 12 }),
        fc.nat(60),
        (writes, sent) => {
          const pool = new Pool();
          const { gathered } = gathering(64);
          const frames = [0, 1, 2, 3].map((frame) => shareBytes(pool, new Uint8Array(frame * 4 + 1).fill(frame + 1)));
          for (const write of writes) {
            const brigade = new Brigade(pool);
            for (const [frame, kind] of write) {
              if (kind === 0) brigade.append(heapBytes(pool, bytesOf(100 + frame)));
              else if (kind === 1) brigade.append(makeEos());
              else brigade.append(frames[frame].retain());
            }
            const expected = (): number[] => Array.from(brigade.flatten(64));
            expect(gathered(brigade)).toEqual(expected());
            takeLeading(brigade, Math.min(sent, brigade.length), { pass: (mark) => mark.release() });
            expect(gathered(brigade)).toEqual(expected());
            brigade.destroy();
          }
          for (const frame of frames) frame.release();
          expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
        },
      ),
    );
  });
});

describe('copyLeading', () => {
  it('copies up to a limit, across buckets', () => {
    const pool = new Pool();
    const brigade = brigadeOf(pool, heapBytes(pool, bytesOf(1, 2)), makeEos(), heapBytes(pool, bytesOf(3, 4)));
    expect(Array.from(copyLeading(brigade, 3))).toEqual([1, 2, 3]);
    expect(Array.from(copyLeading(brigade, 30))).toEqual([1, 2, 3, 4]);
  });
});

describe('copyInto', () => {
  it('copies short and long spans alike', () => {
    const from = Uint8Array.from({ length: 300 }, (_, index) => index);
    for (const length of [0, 1, 95, 96, 97, 300]) {
      const into = new Uint8Array(310);
      copyInto(from, 300 - length, 300, into, 5);
      expect(Array.from(into.subarray(5, 5 + length))).toEqual(Array.from(from.subarray(300 - length)));
      expect(into[5 + length]).toBe(0);
    }
  });
});

describe('takeLeading', () => {
  it('drops bytes, and hands over the marks that were reached', () => {
    const pool = new Pool();
    const passed: Bucket[] = [];
    const marks = { pass: (mark: Bucket) => passed.push(mark) };
    const first = makeSent(() => {});
    const last = makeSent(() => {});
    const brigade = brigadeOf(pool, heapBytes(pool, bytesOf(1, 2)), first, heapBytes(pool, bytesOf(3, 4)), last);
    takeLeading(brigade, 1, marks);
    expect(passed).toEqual([]);
    takeLeading(brigade, 2, marks);
    expect(passed).toEqual([first]);
    expect(Array.from(brigade.flatten())).toEqual([4]);
    takeLeading(brigade, 1, marks);
    expect(passed).toEqual([first, last]);
    expect(brigade.isEmpty).toBe(true);
  });
});
