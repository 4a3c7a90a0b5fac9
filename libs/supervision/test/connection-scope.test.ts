import { Pool } from '@sluice/brigade';
import { Connection, defaultTimeouts, defaultWindows, noThrottles } from '@sluice/connection';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';
import { describe, expect, it } from 'vitest';
import { ConnectionRegistry, ConnectionScopes, EventLoop, superviseListener, type LifeObserver } from '../src/index.ts';
import { play, Stage } from './support/stage.ts';

describe('ConnectionScopes', () => {
  it("ends all connections of the listener when its scope closes, last opened first", async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 4; i++) stage.say(stage.connect(address.port), 'hello');
      }),
    );
    const ids = stage.ended.map(({ id }) => id);
    expect(ids).toHaveLength(4);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(stage.closed).toEqual(['aborted', 'aborted', 'aborted', 'aborted']);
    expect(stage.registry.size).toBe(0);
    expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('tells an observer of lives: opened before they start, each step, closed', async () => {
    const stage = new Stage();
    const told: string[] = [];
    const observer: LifeObserver = {
      onOpen: ({ state }) => void told.push(`open ${state.label}`),
      onStep: (_connection, from, to, event) => void told.push(`${from.phase} ${event} ${to.phase}`),
      onClosed: (connection, reason) => void told.push(`closed ${reason} ${connection.endpoint.bytesIn}`),
    };
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options({ observer }));
        stage.say(stage.connect(address.port), 'hello');
      }),
    );
    expect([told[0], told.at(-2)?.split(' ').slice(1).join(' '), told.at(-1)]).toEqual(['open handshake', 'ABORT closed', 'closed aborted 5']);
  });

  it('leaves the connections of other listeners alone', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const scope = yield* Scope.make();
        const short = yield* Scope.provide(superviseListener(stage.options()), scope);
        const long = yield* superviseListener(stage.options());
        const gone = stage.connect(short.address.port);
        const kept = stage.connect(long.address.port);
        yield* Scope.close(scope, Exit.void);
        stage.say(kept, 'still here');
        expect(gone.ended).not.toBeNull();
        expect(kept).toMatchObject({ text: 'still here', ended: null });
        expect([short.connections, long.connections]).toEqual([0, 1]);
      }),
    );
  });

  it('destroys the pool of a connection that closes by itself, after its session has ended', async () => {
    const stage = new Stage();
    const order: string[] = [];
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(
          stage.options({
            makeSession: (pool) => {
              const session = stage.options().makeSession(pool);
              pool.onDestroy(() => order.push(`pool, ${stage.ended.length} ended`));
              return session;
            },
          }),
        );
        stage.connect(address.port).endpoint.shutdown();
        stage.settle();
        expect(order).toEqual(['pool, 1 ended']);
        expect(stage.closed).toEqual(['peerClosed']);
      }),
    );
    expect(order).toHaveLength(1);
  });

  it('holds nothing for connections that have closed', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const parent = yield* Effect.scope;
        const listener = yield* superviseListener(stage.options());
        const finalizers = (): number => (parent.state._tag === 'Open' ? (parent.state.finalizers?.size ?? 1) : 0);
        const before = finalizers();
        for (let i = 0; i < 20; i++) stage.connect(listener.address.port).endpoint.abort();
        stage.settle();
        expect(listener.connections).toBe(0);
        expect(finalizers()).toBe(before);
      }),
    );
  });

  it('tells a crash of one connection to its own peer and the registry, and nobody else', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        const unlucky = stage.connect(address.port);
        const other = stage.connect(address.port);
        stage.say(unlucky, 'crash');
        stage.say(other, 'fine');
        expect(unlucky.text).toBe('failed');
        expect(other).toMatchObject({ text: 'fine', ended: null });
        expect(stage.closed).toEqual(['internalError']);
        expect(stage.crashes).toEqual([new Error('crashed')]);
      }),
    );
  });

  it('closes the scope even when whoever is told of the close throws', async () => {
    const stage = new Stage();
    const registry = new ConnectionRegistry({
      onClosed: () => {
        throw new Error('the log is full');
      },
      onCrash: () => {},
    });
    await play(
      stage,
      Effect.gen(function* () {
        const { clock, wheel, turn } = yield* EventLoop;
        const scopes = new ConnectionScopes(registry, yield* Effect.scope);
        const pool: Pool = stage.pool.subpool();
        const host = { clock, wheel, turn, windows: defaultWindows, timeouts: defaultTimeouts, throttles: noThrottles, observer: scopes, pool: stage.pool };
        const address = stage.network.listen(
          { host: 'memory', port: 0 },
          {
            onAccept: (endpoint) => scopes.open(new Connection(endpoint, host, stage.options().makeSession(pool), pool)),
            onError: () => {},
            onClose: () => {},
          },
        ).address;
        stage.connect(address.port);
        expect(() => [...registry.all()][0]!.abort()).toThrow('the log is full');
        expect(pool.destroyed).toBe(true);
        expect(scopes.size).toBe(0);
      }),
    );
  });
});
