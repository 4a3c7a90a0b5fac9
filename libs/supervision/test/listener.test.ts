import type { CloseReason } from '@sluice/connection';
import { TransportError, type ListenOptions, type PeerAddress, type Transport } from '@sluice/transport';
import * as Clock from 'effect/Clock';
import * as Effect from 'effect/Effect';
import * as Fiber from 'effect/Fiber';
import * as TestClock from 'effect/testing/TestClock';
import { describe, expect, it } from 'vitest';
import { maxRefusals, superviseListener } from '../src/index.ts';
import { FailingTransport } from './support/failing-transport.ts';
import { play, Stage } from './support/stage.ts';

/** A listener on a transport that can fail, with the time of Effect's clock noted at each attempt. */
const failing = Effect.fnUntraced(function* (stage: Stage) {
  const clock = yield* Clock.Clock;
  const transport = new FailingTransport(stage.network.transport, () => clock.currentTimeMillisUnsafe());
  return { transport, listener: yield* superviseListener(stage.options({ transport })) };
});

const gaps = (transport: FailingTransport): number[] =>
  transport.attempts.slice(1).map(({ atMs }, i) => atMs - transport.attempts[i]!.atMs);

describe('a listener that starts', () => {
  it('says which port was picked, and serves it', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        expect(address.port).toBeGreaterThan(0);
        const client = stage.connect(address.port);
        stage.say(client, 'hello');
        expect(client.text).toBe('hello');
      }),
    );
  });

  it("fails with the transport's error when it cannot bind, and tries no second time", async () => {
    const stage = new Stage();
    const transport = new FailingTransport(stage.network.transport, () => 0);
    transport.failures = 1;
    const error = await play(stage, Effect.flip(superviseListener(stage.options({ transport }))));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ operation: 'listen', kind: 'addressInUse' });
    expect(transport.attempts).toHaveLength(1);
  });

  it('makes a transport error of whatever else a transport throws', async () => {
    const stage = new Stage();
    const transport = {
      ...stage.network.transport,
      name: 'broken',
      connect: () => Promise.reject(new Error('not in use')),
      listen: () => Promise.reject(new RangeError('port 70000')),
    };
    const error = await play(stage, Effect.flip(superviseListener(stage.options({ transport }))));
    expect(error).toMatchObject({ operation: 'listen', kind: 'other', message: expect.stringContaining('port 70000') });
  });
});

describe('a listener that dies', () => {
  it('is bound to the same port again, while its connections live on', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { transport, listener } = yield* failing(stage);
        const client = stage.connect(listener.address.port);
        transport.die();
        yield* TestClock.adjust(200);
        expect(transport.attempts.map(({ port }) => port)).toEqual([0, listener.address.port]);
        stage.say(client, 'still here');
        expect(client.text).toBe('still here');
        stage.say(stage.connect(listener.address.port), 'new');
        expect(stage.registry.size).toBe(2);
        expect(stage.troubles).toMatchObject([{ code: 'EIO' }]);
      }),
    );
  });

  it('is tried at growing intervals, with jitter, never more than 12 s apart, and says each failure', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { transport } = yield* failing(stage);
        transport.failures = 20;
        transport.die();
        for (let i = 0; i < 300; i++) yield* TestClock.adjust(1000);
        expect(transport.failures).toBe(0);
        expect(transport.open).toBe(1);
        const waits = gaps(transport);
        expect(waits).toHaveLength(21);
        waits.forEach((waitMs, attempt) => {
          const nominalMs = Math.min(100 * 2 ** attempt, 10_000);
          expect(waitMs).toBeGreaterThanOrEqual(nominalMs * 0.8 - 1);
          expect(waitMs).toBeLessThanOrEqual(nominalMs * 1.2 + 1);
        });
        expect(new Set(waits.slice(8).map(Math.round)).size).toBeGreaterThan(1);
        expect(stage.troubles).toHaveLength(21);
      }),
    );
  });

  it('backs off when it dies again soon, and begins anew when it has lived for a while', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { transport } = yield* failing(stage);
        const untilBound = Effect.gen(function* () {
          const clock = yield* Clock.Clock;
          const from = clock.currentTimeMillisUnsafe();
          while (transport.open === 0) yield* TestClock.adjust(10);
          return clock.currentTimeMillisUnsafe() - from;
        });
        const pauses: number[] = [];
        for (let i = 0; i < 5; i++) {
          transport.die();
          pauses.push(yield* untilBound);
        }
        expect(pauses[0]).toBeLessThanOrEqual(130);
        expect(pauses[4]).toBeGreaterThanOrEqual(1600 * 0.8 - 10);
        // A step of the wall clock is no life: the monotonic clock counts.
        yield* TestClock.adjust(31_000);
        transport.die();
        expect(yield* untilBound).toBeGreaterThanOrEqual(1600 * 0.8 - 10);
        stage.network.clock.advanceBy(31_000);
        transport.die();
        expect(yield* untilBound).toBeLessThanOrEqual(130);
      }),
    );
  });
});

describe('what a listener shows of itself', () => {
  it('is its state, from the first bind to the last', async () => {
    const stage = new Stage();
    const values: unknown[] = [];
    await play(
      stage,
      Effect.gen(function* () {
        const { transport, listener } = yield* failing(stage);
        expect(listener.actor.getSnapshot().value).toEqual({ listening: 'active' });
        listener.actor.subscribe(({ value }) => values.push(value));
        transport.failures = 1;
        transport.die();
        for (let i = 0; i < 100; i++) yield* TestClock.adjust(10);
        yield* listener.stop;
      }),
    );
    expect(values).toEqual(['waiting', 'binding', 'waiting', 'binding', { listening: 'active' }, 'stopped']);
  });

  it('says when nobody has connected for long, and again after somebody has', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address, actor } = yield* superviseListener(stage.options({ listenTimeoutMs: 60_000 }));
        stage.network.clock.advanceBy(59_000);
        const client = stage.connect(address.port);
        stage.say(client, 'hello, ');
        stage.network.clock.advanceBy(59_000);
        expect(stage.troubles).toEqual([]);
        stage.network.clock.advanceBy(2000);
        expect(stage.troubles).toMatchObject([{ operation: 'accept', kind: 'timedOut', message: expect.stringContaining('60000 ms') }]);
        expect(actor.state.label).toBe('listening.quiet');
        stage.say(client, 'not gone');
        expect(client.text).toBe('hello, not gone');
        stage.connect(address.port);
        expect(actor.state.label).toBe('listening.active');
      }),
    );
    // Nothing of it goes on behind its scope.
    stage.network.clock.advanceBy(600_000);
    expect(stage.network.clock.pending).toBe(0);
    expect(stage.troubles).toHaveLength(1);
  });

  it('is bound again where an inherited socket was, once that is gone', async () => {
    const stage = new Stage();
    const asked: ListenOptions[] = [];
    await play(
      stage,
      Effect.gen(function* () {
        const inner = new FailingTransport(stage.network.transport, () => 0);
        const transport: Transport = {
          name: 'inheriting',
          connect: (options) => inner.connect(options),
          listen: ({ descriptor, ...options }, sink) => {
            asked.push({ ...options, ...(descriptor !== undefined && { descriptor }) });
            return inner.listen(descriptor === undefined ? options : { host: 'memory', port: 4711 }, sink);
          },
        };
        const { address } = yield* superviseListener(stage.options({ transport, listen: { host: '', port: 0, descriptor: 3 } }));
        inner.die();
        yield* TestClock.adjust(200);
        expect(asked).toEqual([{ host: '', port: 0, descriptor: 3 }, address]);
        expect(inner.open).toBe(1);
      }),
    );
  });
});

describe('a listener that is stopped', () => {
  it('accepts no more, and its connections live on', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address, stop } = yield* superviseListener(stage.options());
        const client = stage.connect(address.port);
        yield* stop;
        stage.say(client, 'still here');
        expect(client.text).toBe('still here');
        expect(() => stage.connect(address.port)).toThrow('connectionRefused');
      }),
    );
  });

  it('is not bound again while it waits to be', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { transport, listener } = yield* failing(stage);
        transport.die();
        yield* TestClock.adjust(10);
        yield* listener.stop;
        yield* TestClock.adjust(60_000);
        expect(transport.attempts).toHaveLength(1);
      }),
    );
  });

  it('closes what is just being bound', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { transport, listener } = yield* failing(stage);
        const gate = Promise.withResolvers<void>();
        transport.die();
        transport.gate = gate.promise;
        yield* TestClock.adjust(200);
        expect(transport.attempts).toHaveLength(2);
        const stopping = yield* Effect.forkChild(listener.stop);
        yield* TestClock.adjust(0);
        gate.resolve();
        yield* Fiber.join(stopping);
        // Whatever was begun has ended by now: nothing is bound behind our back.
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)));
        expect(transport.open).toBe(0);
      }),
    );
  });

  it('stops listening before its connections end, when its scope closes', async () => {
    const stage = new Stage();
    const order: string[] = [];
    await play(
      stage,
      Effect.gen(function* () {
        const transport = {
          name: 'watched',
          connect: stage.network.transport.connect.bind(stage.network.transport),
          listen: async (...[options, sink]: Parameters<typeof stage.network.transport.listen>) => {
            const listener = await stage.network.transport.listen(options, sink);
            const close = (): void => {
              order.push(`${stage.registry.size} open`);
              listener.close();
            };
            return { address: listener.address, close };
          },
        };
        const { address } = yield* superviseListener(stage.options({ transport }));
        stage.connect(address.port);
      }),
    );
    expect(order).toEqual(['1 open']);
    expect(stage.registry.size).toBe(0);
  });
});

describe('accepting', () => {
  it('turns connections away that are too many, in their protocol, and counts them apart', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options({ maxConnections: 1 }));
        const first = stage.connect(address.port);
        const second = stage.connect(address.port);
        expect(second.text).toBe('full');
        expect(stage.closed).toEqual(['overload']);
        stage.say(first, 'fine');
        expect(first.text).toBe('fine');
        first.endpoint.abort();
        stage.settle();
        stage.say(stage.connect(address.port), 'room again');
        expect(stage.registry.admitted).toBe(1);
      }),
    );
  });

  it('lets peers that were turned away and linger take nobody\'s place, and cuts off those beyond a bound', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options({ maxConnections: 1 }));
        const first = stage.connect(address.port);
        // These neither read nor answer FIN.
        for (let i = 0; i < maxRefusals + 5; i++) {
          stage.network.connect(address, {
            onConnect: (endpoint) => endpoint.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose() {} }),
            onFailure: (error) => {
              throw error;
            },
          });
        }
        stage.settle();
        expect(stage.registry.refused).toBe(maxRefusals);
        expect(stage.registry.opened).toBe(maxRefusals + 1);
        expect(stage.registry.admitted).toBe(1);
        first.endpoint.abort();
        stage.settle();
        const next = stage.connect(address.port);
        stage.say(next, 'let in');
        expect(next.text).toBe('let in');
        stage.network.clock.advanceBy(11_000);
        expect(stage.registry.refused).toBe(0);
      }),
    );
  });

  it('turns peers away whose judge says so, in their protocol, with room or without', async () => {
    const stage = new Stage();
    const judged: string[] = [];
    let verdict: boolean | CloseReason = true;
    await play(
      stage,
      Effect.gen(function* () {
        const admitPeer = (peer: PeerAddress) => {
          judged.push(peer.host);
          return verdict;
        };
        const { address } = yield* superviseListener(stage.options({ admitPeer, maxConnections: 1 }));
        verdict = false;
        expect(stage.connect(address.port).text).toBe('failed');
        verdict = 'refused';
        expect(stage.connect(address.port).text).toBe('failed');
        verdict = true;
        const first = stage.connect(address.port);
        stage.say(first, 'let in');
        expect(first.text).toBe('let in');
        // Nobody is judged for whom there is no room.
        expect(stage.connect(address.port).text).toBe('full');
        expect(judged).toEqual(['memory', 'memory', 'memory']);
        expect(stage.closed).toEqual(['rateLimited', 'refused', 'overload']);
        expect(stage.registry.admitted).toBe(1);
      }),
    );
  });

  it('closes who cannot be judged, and goes on', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        let broken = true;
        const admitPeer = (): boolean => {
          if (broken) throw new Error('no table');
          return true;
        };
        const { address } = yield* superviseListener(stage.options({ admitPeer }));
        expect(stage.connect(address.port).ended).not.toBeNull();
        expect(stage.troubles).toMatchObject([{ operation: 'accept', message: expect.stringContaining('no table') }]);
        broken = false;
        stage.say(stage.connect(address.port), 'hello');
        expect(stage.registry.size).toBe(1);
      }),
    );
  });

  it('gives its throttles to connections, and others to those that come after a change', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const slow = { inBytesPerSecond: 1000, outBytesPerSecond: 2000 };
        const listener = yield* superviseListener(stage.options({ throttles: slow }));
        const { address } = listener;
        stage.connect(address.port);
        expect(listener.throttles).toBe(slow);
        listener.throttles = { inBytesPerSecond: 0, outBytesPerSecond: 500 };
        stage.connect(address.port);
        const rates = [...stage.registry.all()].map((connection) => [connection.throttle('in'), connection.throttle('out')]);
        expect(rates).toEqual([
          [1000, 2000],
          [0, 500],
        ]);
      }),
    );
  });

  it('closes a connection for which no session can be made, says so, and goes on', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { makeSession } = stage.options();
        let broken = true;
        const { address } = yield* superviseListener(
          stage.options({
            makeSession: (pool) => {
              if (broken) throw new Error('out of sessions');
              return makeSession(pool);
            },
          }),
        );
        expect(stage.connect(address.port).ended).not.toBeNull();
        expect(stage.troubles).toMatchObject([{ operation: 'accept', message: expect.stringContaining('out of sessions') }]);
        expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
        broken = false;
        stage.say(stage.connect(address.port), 'hello');
        expect(stage.registry.size).toBe(1);
      }),
    );
  });

  it('goes on after accepting has failed', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        stage.network.failAccepts(1);
        stage.connect(address.port);
        expect(stage.troubles).toMatchObject([{ operation: 'accept', kind: 'tooManyDescriptors' }]);
        stage.say(stage.connect(address.port), 'hello');
        expect(stage.registry.size).toBe(1);
      }),
    );
  });
});
