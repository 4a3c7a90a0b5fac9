import type { Connection } from '@sluice/connection';
import * as Effect from 'effect/Effect';
import * as Fiber from 'effect/Fiber';
import * as TestClock from 'effect/testing/TestClock';
import { describe, expect, it } from 'vitest';
import { drain, superviseListener, type DrainOptions } from '../src/index.ts';
import { play, Stage } from './support/stage.ts';

/** Drains `connections` of them, each told `greeting` first; answers the result and how many were told after each pause. */
function drained(stage: Stage, connections: number, options: DrainOptions, pausesMs: readonly number[], greeting = 'hello') {
  return play(
    stage,
    Effect.gen(function* () {
      const { address, stop } = yield* superviseListener(stage.options());
      const clients = Array.from({ length: connections }, () => stage.connect(address.port));
      for (const client of clients) stage.say(client, greeting);
      yield* stop;
      const fiber = yield* Effect.forkChild(drain(stage.registry, options));
      const told: number[] = [];
      for (const pauseMs of [0, ...pausesMs]) {
        yield* TestClock.adjust(pauseMs);
        stage.settle();
        told.push(clients.filter(({ text }) => text.endsWith('bye')).length);
      }
      return { result: yield* Fiber.join(fiber), told };
    }),
  );
}

describe('drain', () => {
  it('tells connections to go at the pace, and is done when the last has gone', async () => {
    const stage = new Stage();
    const { result, told } = await drained(stage, 50, { connectionsPerSecond: 200, deadlineMs: 10_000 }, [99, 1, 100]);
    expect(told).toEqual([20, 20, 40, 50]);
    expect(result).toEqual({ drained: 50, aborted: 0 });
    expect(stage.registry.closes().get('drained')).toBe(50);
  });

  it('keeps a pace of less than one batch', async () => {
    const stage = new Stage();
    const { told } = await drained(stage, 3, { connectionsPerSecond: 2, deadlineMs: 10_000 }, [499, 1, 499, 1]);
    expect(told).toEqual([1, 1, 2, 2, 3]);
  });

  it('aborts at the deadline what is still open, told or not', async () => {
    const stage = new Stage();
    const { result, told } = await drained(stage, 4, { connectionsPerSecond: 10, deadlineMs: 250 }, [100, 100, 50], 'busy');
    expect(told).toEqual([1, 2, 3, 3]);
    expect(result).toEqual({ drained: 0, aborted: 4 });
    expect(stage.closed).toEqual(['drained', 'drained', 'drained', 'drained']);
  });

  it('shows its progress in the counts of the registry', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 3; i++) stage.say(stage.connect(address.port), 'busy');
        const fiber = yield* Effect.forkChild(drain(stage.registry, { connectionsPerSecond: 10, deadlineMs: 60_000 }));
        yield* TestClock.adjust(100);
        expect(stage.registry.counts()).toEqual([
          { phase: 'draining', protocol: 'line', count: 2 },
          { phase: 'established', protocol: 'line', count: 1 },
        ]);
        yield* Fiber.interrupt(fiber);
      }),
    );
  });

  it('counts who was told and who is left, while it runs and afterwards', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 5; i++) stage.say(stage.connect(address.port), i < 3 ? 'busy' : 'hello');
        expect(stage.registry.draining).toBeNull();
        const fiber = yield* Effect.forkChild(drain(stage.registry, { connectionsPerSecond: 20, deadlineMs: 1000 }));
        const seen: unknown[] = [];
        for (const pauseMs of [0, 100, 100, 100, 700]) {
          yield* TestClock.adjust(pauseMs);
          stage.settle();
          const { told, left, aborted } = stage.registry.draining!;
          seen.push([told, left, aborted]);
        }
        expect(seen).toEqual([
          [2, 5, 0],
          [4, 4, 0],
          [5, 3, 0],
          [5, 3, 0],
          [5, 0, 3],
        ]);
        expect(yield* Fiber.join(fiber)).toEqual({ drained: 2, aborted: 3 });
      }),
    );
  });

  it('stops first what connects by itself, at the same pace, and tells nobody twice', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 2; i++) stage.say(stage.connect(address.port), 'hello');
        const [theirs, other] = [...stage.registry.all()];
        const order: string[] = [];
        const connector = (name: string, connection?: Connection) => ({
          stop: () => {
            order.push(`${name} with ${stage.registry.size} open`);
            connection?.drain();
          },
        });
        stage.registry.addConnecting(connector('connected', theirs));
        const leave = stage.registry.addConnecting(connector('gone'));
        stage.registry.addConnecting(connector('waiting'));
        leave();
        const fiber = yield* Effect.forkChild(drain(stage.registry, { connectionsPerSecond: 10, deadlineMs: 10_000 }));
        for (const told of [1, 2, 3, 3]) {
          yield* TestClock.adjust(told === 1 ? 0 : 100);
          stage.settle();
          expect(stage.registry.draining?.told).toBe(told);
        }
        expect(order).toEqual(['connected with 2 open', 'waiting with 1 open']);
        expect(other?.reason).toBe('drained');
        expect(yield* Fiber.join(fiber)).toEqual({ drained: 2, aborted: 0 });
      }),
    );
  });

  it('touches nothing more once it is interrupted', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 3; i++) stage.connect(address.port);
        const fiber = yield* Effect.forkChild(drain(stage.registry, { connectionsPerSecond: 1, deadlineMs: 1000 }));
        yield* TestClock.adjust(0);
        stage.settle();
        yield* Fiber.interrupt(fiber);
        yield* TestClock.adjust(5000);
        stage.settle();
        expect(stage.registry.size).toBe(2);
      }),
    );
  });

  it('counts a connection that is adopted meanwhile', async () => {
    const stage = new Stage();
    const result = await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        stage.connect(address.port);
        stage.connect(address.port);
        const fiber = yield* Effect.forkChild(drain(stage.registry, { connectionsPerSecond: 1, deadlineMs: 60_000 }));
        yield* TestClock.adjust(0);
        stage.connect(address.port);
        yield* TestClock.adjust(2000);
        stage.settle();
        return yield* Fiber.join(fiber);
      }),
    );
    expect(result).toEqual({ drained: 3, aborted: 0 });
  });

  it('is done at once with nothing open', async () => {
    const stage = new Stage();
    const result = await play(stage, drain(stage.registry, { connectionsPerSecond: 1, deadlineMs: 1000 }));
    expect(result).toEqual({ drained: 0, aborted: 0 });
  });
});
