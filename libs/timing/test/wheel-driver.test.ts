import { describe, expect, it } from 'vitest';
import { NO_DEADLINE, TimingWheel, VirtualClock, WheelDriver, type DeadlineName, type DeadlineOwner } from '../src/index.ts';

class Owner implements DeadlineOwner {
  firstDeadline = NO_DEADLINE;
  readonly fired: { name: DeadlineName; at: number }[] = [];
  readonly clock: VirtualClock;
  inside: (() => void) | null = null;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  onTimeout(name: DeadlineName): void {
    this.fired.push({ name, at: this.clock.now() });
    this.inside?.();
  }
}

function driven(tickMs = 1) {
  const clock = new VirtualClock();
  const wheel = new TimingWheel({ startMs: clock.now(), tickMs });
  const driver = new WheelDriver(wheel, clock, clock);
  return { clock, wheel, driver, owner: new Owner(clock) };
}

describe('one host timer', () => {
  it('serves any number of deadlines', () => {
    const { clock, wheel } = driven();
    const owners = Array.from({ length: 100_000 }, () => new Owner(clock));
    owners.forEach((owner, index) => wheel.arm(owner, 'idle', 1000 + (index % 997)));
    expect(clock.pending).toBe(1);
    clock.advanceTo(5000);
    expect(clock.pending).toBe(0);
    owners.forEach((owner, index) => expect(owner.fired).toEqual([{ name: 'idle', at: 1000 + (index % 997) }]));
  });

  it('does not exist while nothing is armed', () => {
    const { clock, wheel, owner } = driven();
    expect(clock.pending).toBe(0);
    wheel.arm(owner, 'close', 10);
    expect(clock.pending).toBe(1);
    wheel.cancel(owner, 'close');
    clock.advanceTo(10);
    expect(clock.pending).toBe(0);
    expect(owner.fired).toEqual([]);
  });

  it('moves forward for an earlier deadline, also one armed by a handler', () => {
    const { clock, wheel, owner } = driven();
    wheel.arm(owner, 'sustain', 10_000);
    wheel.arm(owner, 'handshake', 20);
    owner.inside = () => {
      owner.inside = null;
      wheel.arm(owner, 'close', 25);
    };
    clock.advanceTo(20_000);
    expect(owner.fired).toEqual([
      { name: 'handshake', at: 20 },
      { name: 'close', at: 25 },
      { name: 'sustain', at: 10_000 },
    ]);
  });

  it('wakes once per idle period, not once per re-arming', () => {
    const { clock, wheel, owner } = driven();
    wheel.arm(owner, 'idle', 100);
    let wakes = 0;
    for (let at = 1; at < 1000; at++) {
      while (clock.nextAt() <= at) {
        clock.step();
        wakes++;
      }
      clock.advanceTo(at);
      wheel.arm(owner, 'idle', at + 100);
    }
    expect(owner.fired).toEqual([]);
    expect(wakes).toBeLessThan(50);
    clock.advanceBy(200);
    expect(owner.fired).toEqual([{ name: 'idle', at: 1099 }]);
  });

  it('goes on after a handler that throws', () => {
    const { clock, wheel, owner } = driven();
    const other = new Owner(clock);
    owner.inside = () => {
      throw new Error('handler');
    };
    wheel.arm(owner, 'idle', 40);
    wheel.arm(other, 'idle', 40);
    expect(() => clock.advanceTo(40)).toThrow('handler');
    clock.advanceTo(41);
    expect(other.fired).toHaveLength(1);
  });

  it('is given back by close, and nothing fires after', () => {
    const { clock, wheel, driver, owner } = driven();
    wheel.arm(owner, 'idle', 40);
    driver.close();
    expect(clock.pending).toBe(0);
    wheel.arm(owner, 'close', 10);
    clock.advanceTo(100);
    expect(owner.fired).toEqual([]);
  });
});

describe('the host', () => {
  it('gets whole delays in its range, and unref for every timer', () => {
    const delays: number[] = [];
    const unreffed: number[] = [];
    let now = 0.25;
    let wake: (() => void) | null = null;
    const wheel = new TimingWheel({ startMs: now, tickMs: 1 });
    const driver = new WheelDriver<number>(wheel, { now: () => now }, {
      schedule(delayMs, callback) {
        wake = callback;
        return delays.push(delayMs);
      },
      cancel: () => {},
      unref: (handle) => unreffed.push(handle),
    });
    const owner = { firstDeadline: NO_DEADLINE, onTimeout: () => {} };
    wheel.arm(owner, 'idle', 10);
    driver.unref();
    wheel.arm(owner, 'sustain', 2 ** 40);
    now = 11;
    wake!();
    expect(delays).toEqual([10, 2 ** 30]);
    expect(unreffed).toEqual([1, 2]);
  });

  it('may wake early without firing anything early', () => {
    const { clock, wheel, owner } = driven(10);
    wheel.arm(owner, 'idle', 35);
    wheel.advance(20);
    expect(owner.fired).toEqual([]);
    clock.advanceTo(60);
    expect(owner.fired).toEqual([{ name: 'idle', at: 40 }]);
  });
});
