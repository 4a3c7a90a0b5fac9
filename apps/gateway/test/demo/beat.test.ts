import type { WebSocketSession } from '@sluice/connection';
import { VirtualClock } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { Beat, type Beating } from '../../src/demo/beat.ts';

function set() {
  const clock = new VirtualClock();
  const running = new Set<() => void>();
  const every = (intervalMs: number, callback: () => void): (() => void) => {
    let timer = clock.schedule(intervalMs, run);
    function run(): void {
      timer = clock.schedule(intervalMs, run);
      callback();
    }
    const stop = (): void => {
      clock.cancel(timer);
      running.delete(stop);
    };
    running.add(stop);
    return stop;
  };
  const ticks: [name: string, tick: number][] = [];
  const crashes: unknown[] = [];
  const member = (name: string, error: Error | null = null): Beating => ({
    socket: { connection: { crash: (reason: unknown) => crashes.push(reason) } } as unknown as WebSocketSession,
    beat: (tick) => {
      ticks.push([name, tick]);
      if (error !== null) throw error;
    },
  });
  return { clock, running, beat: new Beat(every, 50), ticks, crashes, member };
}

describe('a beat', () => {
  it('runs only while there is a member, from one timer', () => {
    const { clock, running, beat, ticks, member } = set();
    clock.advanceBy(1000);
    expect(running.size).toBe(0);
    const [a, b] = [member('a'), member('b')];
    beat.add(a);
    beat.add(b);
    beat.add(b);
    expect(running.size).toBe(1);
    clock.advanceBy(100);
    expect(ticks).toEqual([['a', 1], ['b', 1], ['a', 2], ['b', 2]]);
    beat.remove(a);
    clock.advanceBy(50);
    expect(ticks.slice(4)).toEqual([['b', 3]]);
    beat.remove(b);
    expect(running.size).toBe(0);
    clock.advanceBy(1000);
    expect(ticks).toHaveLength(5);
    beat.add(a);
    clock.advanceBy(50);
    expect(ticks.at(-1)).toEqual(['a', 4]);
  });

  it('goes on for the others when one fails, and tells its connection', () => {
    const { clock, beat, ticks, crashes, member } = set();
    const error = new Error('broken');
    beat.add(member('bad', error));
    beat.add(member('good'));
    clock.advanceBy(50);
    expect(ticks.map(([name]) => name)).toEqual(['bad', 'good']);
    expect(crashes).toEqual([error]);
  });

  it('stops when closed', () => {
    const { clock, running, beat, ticks, member } = set();
    beat.add(member('a'));
    beat.close();
    clock.advanceBy(1000);
    expect([running.size, ticks.length]).toEqual([0, 0]);
  });
});
