import { closeReasons } from '@sluice/connection';
import * as Effect from 'effect/Effect';
import { describe, expect, it } from 'vitest';
import { superviseListener } from '../src/index.ts';
import { play, Stage } from './support/stage.ts';

describe('ConnectionRegistry', () => {
  it('lists open connections in the order of opening, and finds one by its id', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        for (let i = 0; i < 3; i++) stage.connect(address.port);
        const ids = [...stage.registry.all()].map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
        expect(stage.registry.size).toBe(3);
        expect(stage.registry.get(ids[1]!)?.id).toBe(ids[1]);
        expect(stage.registry.get(-1)).toBeUndefined();
      }),
    );
  });

  it('counts by phase and protocol', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        stage.connect(address.port);
        for (let i = 0; i < 2; i++) stage.say(stage.connect(address.port), 'hello');
        expect(stage.registry.counts()).toEqual([
          { phase: 'handshake', protocol: 'line', count: 1 },
          { phase: 'established', protocol: 'line', count: 2 },
        ]);
      }),
    );
  });

  it('counts closes by reason, with every reason there from the start', async () => {
    const stage = new Stage();
    expect([...stage.registry.closes().keys()]).toEqual([...closeReasons]);
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        stage.connect(address.port).endpoint.shutdown();
        stage.connect(address.port).endpoint.abort();
        stage.settle();
      }),
    );
    expect(stage.registry.closes().get('peerClosed')).toBe(1);
    expect(stage.registry.closes().get('transportError')).toBe(1);
    expect(stage.registry.opened).toBe(2);
    expect([...stage.registry.closes().values()].reduce((a, b) => a + b)).toBe(2);
  });

  it('keeps counting the bytes of connections that have closed', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        const client = stage.connect(address.port);
        stage.say(client, 'four');
        expect(stage.registry.traffic()).toEqual({ bytesIn: 4, bytesOut: 4 });
        expect(stage.registry.closedTraffic).toEqual({ bytesIn: 0, bytesOut: 0 });
        client.endpoint.abort();
        stage.settle();
        expect(stage.registry.size).toBe(0);
        expect(stage.registry.traffic()).toEqual({ bytesIn: 4, bytesOut: 4 });
        expect(stage.registry.closedTraffic).toEqual({ bytesIn: 4, bytesOut: 4 });
      }),
    );
  });

  it('tells who waits for it to be empty: at once when it is, once when it becomes so, not after waiting was given up', async () => {
    const stage = new Stage();
    const heard: string[] = [];
    stage.registry.whenEmpty(() => heard.push('at once'));
    expect(heard).toEqual(['at once']);
    await play(
      stage,
      Effect.gen(function* () {
        const { address } = yield* superviseListener(stage.options());
        const client = stage.connect(address.port);
        stage.registry.whenEmpty(() => heard.push('later'));
        stage.registry.whenEmpty(() => heard.push('never'))();
        expect(heard).toEqual(['at once']);
        client.endpoint.abort();
        stage.settle();
        stage.connect(address.port).endpoint.abort();
        stage.settle();
      }),
    );
    expect(heard).toEqual(['at once', 'later']);
  });
});
