import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, makeEos, makeFlush, transientBytes, UsageError } from '../src/index.ts';
import { brigade, root, useFreshBrigade } from './fresh-brigade.ts';
import { bytesOf, fill, namesIn, textIn } from './sources.ts';

useFreshBrigade();

describe('creating and moving', () => {
  it('is empty at first, with nothing borrowed', () => {
    expect(brigade.isEmpty).toBe(true);
    expect(brigade.count).toBe(0);
    expect(brigade.length).toBe(0);
    expect(brigade.first()).toBeNull();
    expect(brigade.last()).toBeNull();
    expect(brigade.shift()).toBeNull();
    expect(root.arena.idleSlabs).toBe(0);
  });

  it('keeps FLUSH and EOS where they were put', () => {
    brigade.prepend(makeFlush());
    brigade.prepend(transientBytes(bytesOf('aaa')));
    brigade.append(makeEos());
    expect(namesIn(brigade)).toEqual(['transient', 'flush', 'eos']);
    expect(brigade.length).toBe(3);
    expect(brigade.at(1).isMark).toBe(true);
    brigade.destroy();
    expect(brigade.isEmpty).toBe(true);
  });

  it('keeps order through any number of prepends, appends and shifts', () => {
    for (let i = 0; i < 100; i++) {
      brigade.append(transientBytes(bytesOf(String.fromCharCode(1 + i))));
      brigade.prepend(transientBytes(bytesOf(String.fromCharCode(101 + i))));
      if (i % 3 === 0) {
        const first = brigade.shift() as Bucket;
        expect(first.length).toBe(1);
        brigade.prepend(first);
      }
    }
    const expected = [...Array.from({ length: 100 }, (_, i) => 200 - i), ...Array.from({ length: 100 }, (_, i) => 1 + i)];
    expect([...brigade.flatten()]).toEqual(expected);
  });

  it('shifts through a long queue that is refilled behind', () => {
    let next = 0;
    for (let round = 0; round < 500; round++) {
      brigade.append(transientBytes(Uint8Array.of(round % 256)));
      brigade.append(transientBytes(Uint8Array.of(round % 256)));
      const bucket = brigade.shift() as Bucket;
      expect((bucket.bytes as Uint8Array)[0]).toBe((next >> 1) % 256);
      next++;
    }
    expect(brigade.count).toBe(500);
  });

  it('does not grow while as much leaves as comes', () => {
    const borrowed = new Set<unknown>();
    for (let i = 0; i < 5; i++) brigade.append(transientBytes(Uint8Array.of(i)));
    for (let i = 5; i < 1000; i++) {
      brigade.append(transientBytes(Uint8Array.of(i % 256)));
      expect(((brigade.shift() as Bucket).bytes as Uint8Array)[0]).toBe((i - 5) % 256);
      const { queue } = brigade as unknown as { queue: unknown[] };
      borrowed.add(queue.length);
    }
    expect([...borrowed].every((slots) => (slots as number) <= 16)).toBe(true);
  });

  it('concat moves everything, and the other ends empty', () => {
    const other = new Brigade(root.subpool('other'));
    fill(brigade, 'hello, ');
    other.write(bytesOf('world'));
    other.append(makeEos());
    brigade.concat(other);
    expect(other.isEmpty).toBe(true);
    expect(namesIn(brigade)).toEqual(['transient', 'heap', 'eos']);
    other.concat(brigade);
    expect(brigade.isEmpty).toBe(true);
    expect(textIn(other)).toBe('hello, world');
    expect(() => other.concat(other)).toThrow(UsageError);
    other.destroy();
  });

  it('splits in two at a bucket', () => {
    fill(brigade, 'hello, ', 'world');
    const rest = brigade.splitAt(1);
    expect([brigade.count, rest.count]).toEqual([1, 1]);
    expect(textIn(brigade)).toBe('hello, ');
    expect(textIn(rest)).toBe('world');
    expect(rest.splitAt(1).isEmpty).toBe(true);
    const all = rest.splitAt(0);
    expect(rest.isEmpty).toBe(true);
    expect(textIn(all)).toBe('world');
    expect(() => all.splitAt(2)).toThrow(UsageError);
  });

  it('refuses an index that is not there', () => {
    fill(brigade, 'a');
    expect(() => brigade.at(1)).toThrow(UsageError);
    expect(() => brigade.at(-1)).toThrow(UsageError);
  });
});
