import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadlineNames, NO_DEADLINE, TimingWheel, type DeadlineName, type DeadlineOwner } from '../src/index.ts';

interface Firing {
  owner: number;
  name: DeadlineName;
  due: number;
  now: number;
}

class Owner implements DeadlineOwner {
  firstDeadline = NO_DEADLINE;
  readonly id: number;
  readonly timedOut: (owner: Owner, name: DeadlineName) => void;

  constructor(id: number, timedOut: (owner: Owner, name: DeadlineName) => void) {
    this.id = id;
    this.timedOut = timedOut;
  }

  onTimeout(name: DeadlineName): void {
    this.timedOut(this, name);
  }
}

/** A wheel of one-millisecond ticks with one owner that notes what fired. */
function single(tickMs = 1, startMs = 0) {
  const fired: DeadlineName[] = [];
  const wheel = new TimingWheel({ startMs, tickMs });
  const owner = new Owner(0, (_, name) => fired.push(name));
  return { wheel, owner, fired };
}

describe('arming and firing', () => {
  it('fires a deadline once, at its time and not before', () => {
    const { wheel, owner, fired } = single();
    wheel.arm(owner, 'handshake', 100);
    expect(wheel.advance(99.9)).toBe(0);
    expect(wheel.advance(100)).toBe(1);
    expect(wheel.advance(1000)).toBe(0);
    expect(fired).toEqual(['handshake']);
    expect(wheel.size).toBe(0);
    expect(owner.firstDeadline).toBe(NO_DEADLINE);
  });

  it('rounds up to the tick', () => {
    const { wheel, owner, fired } = single(10);
    wheel.arm(owner, 'close', 101);
    wheel.advance(109);
    expect(fired).toEqual([]);
    wheel.advance(110);
    expect(fired).toEqual(['close']);
  });

  it('keeps the ten names of an owner apart', () => {
    const { wheel, owner, fired } = single();
    deadlineNames.forEach((name, index) => wheel.arm(owner, name, 50 - index));
    expect(wheel.size).toBe(10);
    wheel.cancel(owner, 'close');
    wheel.advance(60);
    expect(fired).toEqual(deadlineNames.toReversed().filter((name) => name !== 'close'));
  });

  it('fires what is past already in the next tick, not inside arm', () => {
    const { wheel, owner, fired } = single(1, 1000);
    wheel.arm(owner, 'idle', 5);
    expect(fired).toEqual([]);
    wheel.advance(1001);
    expect(fired).toEqual(['idle']);
  });

  it('re-arms to later and to earlier', () => {
    const { wheel, owner, fired } = single();
    wheel.arm(owner, 'idle', 100);
    wheel.arm(owner, 'idle', 300);
    wheel.advance(299);
    expect(fired).toEqual([]);
    wheel.arm(owner, 'idle', 5000);
    wheel.arm(owner, 'idle', 310);
    expect(wheel.dueAt(owner, 'idle')).toBe(310);
    wheel.advance(310);
    expect(fired).toEqual(['idle']);
    expect(wheel.dueAt(owner, 'idle')).toBe(Infinity);
  });

  it('disarms with Infinity and refuses NaN', () => {
    const { wheel, owner } = single();
    wheel.arm(owner, 'idle', 100);
    wheel.arm(owner, 'idle', Infinity);
    expect(wheel.size).toBe(0);
    wheel.arm(owner, 'sustain', Infinity);
    expect(wheel.nextAt()).toBe(Infinity);
    expect(() => wheel.arm(owner, 'idle', NaN)).toThrow(RangeError);
  });

  it('holds deadlines beyond its reach', () => {
    const { wheel, owner, fired } = single();
    const far = 2 ** 40 + 2 ** 39 + 12_345;
    wheel.arm(owner, 'sustain', far);
    for (let at = wheel.nextAt(); at < far; at = wheel.nextAt()) wheel.advance(at);
    expect(fired).toEqual([]);
    wheel.advance(far);
    expect(fired).toEqual(['sustain']);
  });

  it('refuses ticks that are not whole', () => {
    expect(() => new TimingWheel({ startMs: 0, tickMs: 0.5 })).toThrow(RangeError);
    expect(() => new TimingWheel({ startMs: 0, tickMs: 0 })).toThrow(RangeError);
  });
});

describe('handlers', () => {
  it('may cancel others that are due in the same tick', () => {
    const wheel = new TimingWheel({ startMs: 0, tickMs: 1 });
    const fired: number[] = [];
    const owners: Owner[] = [0, 1, 2].map(
      (id) =>
        new Owner(id, () => {
          fired.push(id);
          wheel.cancelAll(owners[1]);
        }),
    );
    for (const owner of owners) wheel.arm(owner, 'close', 40);
    expect(wheel.advance(40)).toBe(2);
    expect(fired).toEqual([0, 2]);
  });

  it('may arm again without looping, and for times up to now fire in the same call', () => {
    const wheel = new TimingWheel({ startMs: 0, tickMs: 1 });
    const at: number[] = [];
    const owner = new Owner(0, () => {
      at.push(at.length);
      wheel.arm(owner, 'throttleIn', 0);
    });
    wheel.arm(owner, 'throttleIn', 5);
    expect(wheel.advance(9)).toBe(5);
    expect(wheel.advance(9)).toBe(0);
    expect(wheel.advance(10)).toBe(1);
  });

  it('that throw lose none of the others', () => {
    const wheel = new TimingWheel({ startMs: 0, tickMs: 1 });
    const fired: number[] = [];
    for (let id = 0; id < 4; id++) {
      const owner = new Owner(id, () => {
        fired.push(id);
        if (id === 1) throw new Error('handler');
      });
      wheel.arm(owner, 'idle', 70);
    }
    expect(() => wheel.advance(80)).toThrow('handler');
    expect(fired).toEqual([0, 1]);
    expect(wheel.nextAt()).toBeLessThanOrEqual(80);
    expect(wheel.advance(80)).toBe(2);
    expect(fired).toEqual([0, 1, 2, 3]);
  });
});

describe('nextAt', () => {
  it('is never later than the first deadline and reaches it in few steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 1e10 }), (startMs, delay) => {
        const { wheel, owner, fired } = single(1, startMs);
        wheel.arm(owner, 'idle', startMs + delay);
        let steps = 0;
        while (fired.length === 0) {
          const next = wheel.nextAt();
          expect(next).toBeLessThanOrEqual(startMs + delay);
          wheel.advance(next);
          expect(++steps).toBeLessThanOrEqual(8);
        }
      }),
    );
  });
});

type Step =
  | { kind: 'arm'; owner: number; name: DeadlineName; delay: number }
  | { kind: 'cancel'; owner: number; name: DeadlineName }
  | { kind: 'cancelAll'; owner: number }
  | { kind: 'advance'; by: number };

const OWNERS = 6;
const ownerIndex = fc.nat(OWNERS - 1);
const name = fc.constantFrom(...deadlineNames);
const span = fc.oneof(fc.nat(40), fc.nat(3000), fc.nat(200_000), fc.double({ min: 0, max: 5000, noNaN: true }));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('arm' as const), owner: ownerIndex, name, delay: span }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), owner: ownerIndex, name }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancelAll' as const), owner: ownerIndex }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), by: span }) },
  ),
  { maxLength: 60 },
);

/** Runs the steps against the wheel and a plain map; handlers do `inside` steps of their own. */
function runAgainstModel(tickMs: number, startMs: number, script: Step[], inside: Step[]): void {
  const wheel = new TimingWheel({ startMs, tickMs });
  const model = new Map<string, number>();
  const fired: Firing[] = [];
  const innerSteps = inside.filter((step) => step.kind !== 'advance');
  let now = startMs;
  let ticksDone = Math.floor(startMs / tickMs);

  const apply = (step: Step): void => {
    if (step.kind === 'arm') {
      wheel.arm(owners[step.owner], step.name, now + step.delay);
      model.set(`${step.owner} ${step.name}`, now + step.delay);
    } else if (step.kind === 'cancel') {
      wheel.cancel(owners[step.owner], step.name);
      model.delete(`${step.owner} ${step.name}`);
    } else if (step.kind === 'cancelAll') {
      wheel.cancelAll(owners[step.owner]);
      for (const key of model.keys()) if (key.startsWith(`${step.owner} `)) model.delete(key);
    }
  };
  const owners = Array.from(
    { length: OWNERS },
    (_, id) =>
      new Owner(id, (owner, timedOut) => {
        const key = `${owner.id} ${timedOut}`;
        const due = model.get(key);
        expect(due).toBeDefined();
        model.delete(key);
        fired.push({ owner: owner.id, name: timedOut, due: due!, now });
        const step = innerSteps.shift();
        if (step !== undefined) apply(step);
      }),
  );

  for (const step of [...script, { kind: 'advance', by: 500_000 } as const]) {
    if (step.kind !== 'advance') {
      apply(step);
    } else {
      now += step.by;
      const from = fired.length;
      const armedInside = innerSteps.length;
      expect(wheel.advance(now)).toBe(fired.length - from);
      const batch = fired.slice(from);
      for (const firing of batch) expect(firing.due, 'not early').toBeLessThanOrEqual(now);
      if (innerSteps.length === armedInside) {
        const ticks = batch.map((firing) => Math.max(ticksDone + 1, Math.ceil(firing.due / tickMs)));
        expect(ticks, 'in order').toEqual([...ticks].sort((a, b) => a - b));
      }
      const reached = Math.floor(now / tickMs);
      if (reached > ticksDone && innerSteps.length === armedInside) {
        for (const due of model.values()) expect(due, 'not lost').toBeGreaterThan(reached * tickMs);
      }
      ticksDone = reached;
    }
    expect(wheel.size).toBe(model.size);
    for (const [key, due] of model) {
      const [id, armedName] = key.split(' ');
      expect(wheel.dueAt(owners[Number(id)], armedName as DeadlineName)).toBe(due);
    }
    if (model.size > 0) {
      const first = Math.max((ticksDone + 1) * tickMs, Math.ceil(Math.min(...model.values()) / tickMs) * tickMs);
      expect(wheel.nextAt()).toBeLessThanOrEqual(first);
    } else {
      expect(wheel.nextAt()).toBe(Infinity);
    }
  }
  for (const timedOwner of owners) wheel.cancelAll(timedOwner);
  expect(wheel.size).toBe(0);
}

describe('against a naive model', () => {
  it('fires everything, never early, in order, and forgets what was cancelled', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 7, 10), fc.nat(100_000), steps, (tickMs, startMs, script) => {
        runAgainstModel(tickMs, startMs, script, []);
      }),
      { numRuns: 400 },
    );
  });

  it('holds when handlers arm and cancel', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 10), steps, steps, (tickMs, script, inside) => {
        runAgainstModel(tickMs, 0, script, inside);
      }),
      { numRuns: 400 },
    );
  });
});
