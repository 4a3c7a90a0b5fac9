import { describe, expect, it } from 'vitest';
import { TurnQueue } from '../src/index.ts';

describe('the turn queue', () => {
  it('schedules one run for all that is added in a turn', () => {
    const runs: (() => void)[] = [];
    const queue = new TurnQueue((run) => void runs.push(run));
    const flushed: string[] = [];
    queue.add({ flush: () => void flushed.push('a') });
    queue.add({ flush: () => void flushed.push('b') });
    expect(runs).toHaveLength(1);
    runs[0]!();
    expect(flushed).toEqual(['a', 'b']);
    queue.add({ flush: () => void flushed.push('c') });
    expect(runs).toHaveLength(2);
  });

  it('flushes in the same turn what flushing adds', () => {
    const runs: (() => void)[] = [];
    const queue = new TurnQueue((run) => void runs.push(run));
    const flushed: string[] = [];
    const second = { flush: () => void flushed.push('second') };
    queue.add({
      flush: () => {
        flushed.push('first');
        queue.add(second);
      },
    });
    runs[0]!();
    expect(flushed).toEqual(['first', 'second']);
    expect(runs).toHaveLength(1);
  });
});
