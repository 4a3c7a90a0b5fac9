import { VirtualClock } from '@sluice/timing';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { describe, expect, it } from 'vitest';
import { EventLoop, type EventLoopShape } from '../src/index.ts';

function build(layer: Layer.Layer<EventLoop>): { loop: EventLoopShape; close: () => void } {
  const scope = Scope.makeUnsafe();
  const loop = Context.get(Effect.runSync(Layer.buildWithScope(layer, scope)), EventLoop);
  return { loop, close: () => Effect.runSync(Scope.close(scope, Exit.void)) };
}

const owner = (fired: string[]) => ({ firstDeadline: -1, onTimeout: (name: string) => void fired.push(name) });

describe('EventLoop.virtual', () => {
  it('fires deadlines when the clock is moved, and not before', () => {
    const clock = new VirtualClock();
    const { loop, close } = build(EventLoop.virtual(clock));
    const fired: string[] = [];
    loop.wheel.arm(owner(fired), 'idle', 500);
    clock.advanceTo(400);
    expect(fired).toEqual([]);
    clock.advanceTo(600);
    expect(fired).toEqual(['idle']);
    close();
  });

  it('ends a turn at the same time, behind what is due already', () => {
    const clock = new VirtualClock();
    const { loop, close } = build(EventLoop.virtual(clock));
    const order: string[] = [];
    clock.schedule(0, () => order.push('event'));
    loop.turn.add({ flush: () => void order.push(`flush at ${clock.now()}`) });
    clock.advanceBy(0);
    expect(order).toEqual(['event', 'flush at 0']);
    close();
  });

  it('calls back at every interval until told to stop, also from inside', () => {
    const clock = new VirtualClock();
    const { loop, close } = build(EventLoop.virtual(clock));
    const at: number[] = [];
    const stop = loop.every(100, () => {
      at.push(clock.now());
      if (at.length === 3) stop();
    });
    clock.advanceTo(1000);
    expect(at).toEqual([100, 200, 300]);
    close();
  });

  it('leaves no timer behind when its layer ends', () => {
    const clock = new VirtualClock();
    const { loop, close } = build(EventLoop.virtual(clock));
    const fired: string[] = [];
    loop.wheel.arm(owner(fired), 'close', 100);
    expect(clock.pending).toBe(1);
    close();
    expect(clock.pending).toBe(0);
    clock.advanceTo(1000);
    expect(fired).toEqual([]);
  });
});

describe('EventLoop.layer', () => {
  it('is one loop for everyone who asks within a program', () => {
    const program = Effect.all([EventLoop, EventLoop]);
    const [a, b] = Effect.runSync(Effect.provide(program, EventLoop.layer));
    expect(a.wheel).toBe(b.wheel);
  });

  it("fires a deadline in the process's own time", async () => {
    const { loop, close } = build(EventLoop.layer);
    const before = loop.clock.now();
    const firedAt = await new Promise<number>((resolve) => {
      // The loop's own timers keep no process alive; this one does meanwhile.
      const alive = setInterval(() => {}, 1000);
      const onTimeout = (): void => {
        clearInterval(alive);
        resolve(loop.clock.now());
      };
      loop.wheel.arm({ firstDeadline: -1, onTimeout }, 'close', before + 20);
    });
    expect(firedAt).toBeGreaterThanOrEqual(before + 20);
    close();
  });

  it('ends a turn before the next timer', async () => {
    const { loop, close } = build(EventLoop.layer);
    const flushed = await new Promise<boolean>((resolve) => {
      let done = false;
      loop.turn.add({ flush: () => void (done = true) });
      setTimeout(() => setImmediate(() => resolve(done)), 0);
    });
    expect(flushed).toBe(true);
    close();
  });
});

describe('EventLoop.reporting', () => {
  it("a timer's callback that throws is reported, and it and all others go on", async () => {
    const reported: unknown[] = [];
    const { loop, close } = build(EventLoop.reporting((error) => void reported.push(error)));
    const failure = new Error('EMFILE');
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = loop.every(1, () => {
        if (++calls < 3) throw failure;
        stop();
        resolve();
      });
    });
    expect(reported).toEqual([failure, failure]);
    const fired: string[] = [];
    const failing = { firstDeadline: -1, onTimeout: () => { throw failure; } };
    await new Promise<void>((resolve) => {
      loop.wheel.arm(failing, 'idle', loop.clock.now());
      loop.wheel.arm({ firstDeadline: -1, onTimeout: (name: string) => { fired.push(name); resolve(); } }, 'close', loop.clock.now() + 20);
    });
    expect(fired).toEqual(['close']);
    expect(reported.length).toBe(3);
    close();
  });
});
