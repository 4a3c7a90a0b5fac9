import fc from 'fast-check';
import { TimingWheel, VirtualClock, WheelDriver } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { Reminders } from '../../src/command/reminders.ts';

function setUp() {
  const clock = new VirtualClock();
  const wheel = new TimingWheel({ startMs: clock.now() });
  new WheelDriver(wheel, clock, clock).unref();
  const heard: [atMs: number, sequence: string][] = [];
  const reminders = new Reminders(clock, wheel, (sequence) => void heard.push([clock.now(), sequence]));
  return { clock, wheel, heard, reminders };
}

describe('Reminders', () => {
  it('come in the order of time, and of being asked for, within a tick of their time, whatever the order they were made in', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(300)), { maxLength: 30 }), (asked) => {
        const { clock, wheel, heard, reminders } = setUp();
        const due: [atMs: number, sequence: string][] = [];
        asked.forEach(([delayMs, passMs], index) => {
          due.push([clock.now() + delayMs, String(index)]);
          reminders.add(delayMs, String(index), '');
          clock.advanceBy(passMs);
        });
        clock.advanceBy(10_000);
        expect([...heard].sort((a, b) => Number(a[1]) - Number(b[1])).map(([, sequence]) => sequence)).toEqual(due.map(([, sequence]) => sequence));
        for (const [atMs, sequence] of heard) {
          const wanted = due[Number(sequence)]![0];
          expect(atMs).toBeGreaterThanOrEqual(wanted);
          expect(atMs).toBeLessThanOrEqual(wanted + 2 * wheel.tickMs);
        }
        expect([reminders.size, wheel.size]).toEqual([0, 0]);
      }),
    );
  });

  it('made for one time come in the order they were made in', () => {
    const { clock, heard, reminders } = setUp();
    for (const sequence of ['a', 'b', 'c']) reminders.add(1000, sequence, '');
    clock.advanceBy(2000);
    expect(heard.map(([, sequence]) => sequence)).toEqual(['a', 'b', 'c']);
  });

  it('hold one deadline, whatever their number, and none when they are cancelled', () => {
    const { clock, wheel, heard, reminders } = setUp();
    for (const delayMs of [3000, 1000, 2000]) reminders.add(delayMs, String(delayMs), '');
    expect([reminders.size, wheel.size]).toEqual([3, 1]);
    const cancelled: string[] = [];
    reminders.cancel((sequence) => void cancelled.push(sequence));
    clock.advanceBy(5000);
    expect([cancelled, heard, wheel.size]).toEqual([['1000', '2000', '3000'], [], 0]);
  });

  it('may be made, or cancelled, when one comes', () => {
    const { clock, wheel } = setUp();
    const heard: string[] = [];
    const reminders: Reminders = new Reminders(clock, wheel, (sequence) => {
      heard.push(sequence);
      if (sequence === 'a') reminders.add(100, 'again', '');
      if (sequence === 'again') reminders.cancel((one) => void heard.push(`no ${one}`));
    });
    reminders.add(100, 'a', '');
    reminders.add(5000, 'b', '');
    clock.advanceBy(10_000);
    expect(heard).toEqual(['a', 'again', 'no b']);
    expect(wheel.size).toBe(0);
  });
});
