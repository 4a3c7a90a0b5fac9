import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../src/event-queue.ts';

const marker = (lost: number) => `lost ${lost}`;
const markerBytes = marker(Number.MAX_SAFE_INTEGER).length;

/** What was taken, until nothing is left: texts, and the numbers in the markers. */
function drain(queue: EventQueue): string[] {
  const taken: string[] = [];
  for (let text = queue.take(); text !== null; text = queue.take()) taken.push(text);
  return taken;
}

describe('a bounded queue', () => {
  it('gives texts in order', () => {
    const queue = new EventQueue({ maxEvents: 8, maxBytes: 1000 }, marker);
    for (const text of ['a', 'b', 'c']) expect(queue.offer(text)).toBe(true);
    expect([queue.count, queue.bytes]).toEqual([3, 3]);
    expect(drain(queue)).toEqual(['a', 'b', 'c']);
    expect([queue.count, queue.bytes, queue.isEmpty]).toEqual([0, 0, true]);
  });

  it('loses from the first that does not fit until half is free, and says where and how many', () => {
    const queue = new EventQueue({ maxEvents: 4, maxBytes: 1000 }, marker);
    for (const text of 'abcdefg') queue.offer(text);
    expect(queue.lost).toBe(3);
    expect(queue.take()).toBe('a');
    expect(queue.isLosing).toBe(true);
    expect(queue.offer('h')).toBe(false);
    expect(queue.take()).toBe('b');
    expect(queue.isLosing).toBe(false);
    expect(queue.offer('i')).toBe(true);
    expect(drain(queue)).toEqual(['c', 'd', 'lost 4', 'i']);
  });

  it('counts what was lost without being made', () => {
    const queue = new EventQueue({ maxEvents: 4, maxBytes: 1000 }, marker);
    queue.offer('a');
    queue.lose(2);
    queue.offer('b');
    expect([drain(queue), queue.lost]).toEqual([['a', 'lost 2', 'b'], 2]);
  });

  it('tells of a loss at the end, too', () => {
    const queue = new EventQueue({ maxEvents: 2, maxBytes: 1000 }, marker);
    for (const text of 'abc') queue.offer(text);
    expect([queue.take(), queue.take(), queue.isEmpty, queue.take(), queue.isEmpty]).toEqual(['a', 'b', false, 'lost 1', true]);
  });

  it('takes nothing larger than it may hold', () => {
    const queue = new EventQueue({ maxEvents: 8, maxBytes: 100 }, marker);
    expect(queue.offer('x'.repeat(101))).toBe(false);
    expect(queue.offer('y'.repeat(100))).toBe(false);
    expect(queue.offer('z')).toBe(true);
    expect(drain(queue)).toEqual(['lost 2', 'z']);
  });

  it('is empty when cleared', () => {
    const queue = new EventQueue({ maxEvents: 2, maxBytes: 1000 }, marker);
    for (const text of 'abc') queue.offer(text);
    queue.clear();
    expect([queue.isEmpty, queue.bytes, queue.take()]).toEqual([true, 0, null]);
  });

  it('refuses bounds in which no event and its marker fit', () => {
    expect(() => new EventQueue({ maxEvents: 1, maxBytes: 1000 }, marker)).toThrow(RangeError);
    expect(() => new EventQueue({ maxEvents: 8, maxBytes: 10 }, marker)).toThrow(RangeError);
  });

  it('never exceeds its bounds; taken, queued and lost add up, in order, for any schedule', () => {
    const schedule = fc.array(fc.oneof({ arbitrary: fc.integer({ min: 1, max: 80 }), weight: 3 }, fc.constant(0)), { maxLength: 200 });
    fc.assert(
      fc.property(schedule, fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2 * markerBytes, max: 300 }), (steps, maxEvents, maxBytes) => {
        const queue = new EventQueue({ maxEvents, maxBytes }, marker);
        const taken: string[] = [];
        let offered = 0;
        for (const step of steps) {
          if (step === 0) {
            const text = queue.take();
            if (text !== null) taken.push(text);
          } else {
            queue.offer(`${offered++}`.padStart(step, ' '));
          }
          expect(queue.count).toBeLessThanOrEqual(maxEvents);
          expect(queue.bytes).toBeLessThanOrEqual(maxBytes);
        }
        taken.push(...drain(queue));
        // Each text is the next one, or a marker stands for exactly those that are missing before it.
        let next = 0;
        for (const text of taken) {
          if (text.startsWith('lost ')) next += Number(text.slice(5));
          else expect(Number(text)).toBe(next++);
        }
        expect(next).toBe(offered);
        const inMarkers = taken.filter((text) => text.startsWith('lost ')).reduce((sum, text) => sum + Number(text.slice(5)), 0);
        expect(queue.lost).toBe(inMarkers);
      }),
    );
  });
});
