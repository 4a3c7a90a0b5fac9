import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock, type VirtualTimer } from '../src/index.ts';

describe('a virtual clock', () => {
  it('runs callbacks by time, then by order of scheduling, and never twice', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ delay: fc.nat(20), cancel: fc.boolean() }), { maxLength: 80 }), (plan) => {
        const clock = new VirtualClock(100);
        const ran: number[] = [];
        const timers: VirtualTimer[] = plan.map(({ delay }, index) =>
          clock.schedule(delay, () => {
            expect(clock.now()).toBe(100 + delay);
            ran.push(index);
          }),
        );
        plan.forEach(({ cancel }, index) => cancel && clock.cancel(timers[index]));
        const kept = plan.map((_, index) => index).filter((index) => !plan[index].cancel);
        expect(clock.pending).toBe(kept.length);
        clock.advanceBy(20);
        expect(ran).toEqual(kept.sort((a, b) => plan[a].delay - plan[b].delay || a - b));
        expect(clock.now()).toBe(120);
      }),
    );
  });

  it('runs what a callback schedules, within the same advance when it is due', () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    clock.schedule(5, () => {
      clock.schedule(0, () => at.push(clock.now()));
      clock.schedule(3, () => at.push(clock.now()));
      clock.schedule(30, () => at.push(clock.now()));
    });
    clock.advanceTo(10);
    expect(at).toEqual([5, 8]);
    expect(clock.nextAt()).toBe(35);
    expect(clock.step()).toBe(true);
    expect(clock.now()).toBe(35);
    expect(clock.step()).toBe(false);
  });

  it('cancels from inside a callback, and after the fact without harm', () => {
    const clock = new VirtualClock();
    let ran = 0;
    const later = clock.schedule(5, () => ran++);
    const first = clock.schedule(5, () => ran++);
    clock.cancel(later);
    clock.schedule(4, () => clock.cancel(first));
    clock.advanceTo(10);
    clock.cancel(first);
    expect(ran).toBe(0);
  });

  it('refuses delays that are not possible', () => {
    expect(() => new VirtualClock().schedule(-1, () => {})).toThrow(RangeError);
    expect(() => new VirtualClock().schedule(NaN, () => {})).toThrow(RangeError);
  });
});
