import { initialStep, stepFrom } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { Inspection, type Watcher } from '../src/index.ts';
import { directory, Player, supervisor } from './support/cast.ts';

function stage(maxFollowers?: number) {
  const inspection = new Inspection({ root: supervisor, directory, epochMs: () => 0, ...(maxFollowers === undefined ? {} : { maxFollowers }) });
  return { inspection, player: () => new Player((...step) => inspection.onStep(...step)) };
}

function texts(watcher: Watcher): string[] {
  const all: string[] = [];
  for (let text = watcher.next(); text !== null; text = watcher.next()) all.push(text);
  return all;
}

describe('an inspection', () => {
  it('asks nothing of actors while nobody watches', () => {
    const { inspection } = stage();
    const start = initialStep().target;
    const untouchable = new Proxy({}, { get: () => expect.unreachable() }) as Player;
    inspection.onStep(untouchable, start, stepFrom(start, 'DRAIN').target, 'DRAIN');
    const watcher = inspection.watch({ actors: [] })!;
    inspection.onStep(untouchable, start, stepFrom(start, 'DRAIN').target, 'DRAIN');
    expect(texts(watcher)).toEqual([]);
  });

  it('gives all who watch the same texts', () => {
    const { inspection, player } = stage();
    const one = inspection.watch({})!;
    const other = inspection.watch({ state: 'established' })!;
    player().send('HANDSHAKE.DONE', 'DRAIN', 'FLUSHED');
    const [all, some] = [texts(one), texts(other)];
    const ofSteps = some.filter((text) => !text.includes('@xstate.actor'));
    expect(ofSteps).toHaveLength(4);
    expect(ofSteps.every((text) => all.includes(text))).toBe(true);
  });

  it('lets no more watch than it may', () => {
    const { inspection, player } = stage(2);
    const one = inspection.watch({})!;
    expect(inspection.watch({})).not.toBeNull();
    expect(inspection.watch({})).toBeNull();
    expect(inspection.live(player(), directory.machineOf(player())!)).toBeNull();
    one.close();
    expect(inspection.followers).toBe(1);
    expect(inspection.watch({})).not.toBeNull();
  });

  it('ends a watcher whose callback throws; actors and other watchers notice nothing', () => {
    const { inspection, player } = stage();
    const bad = inspection.watch({})!;
    const good = inspection.watch({})!;
    const trouble = new Error('trouble');
    bad.onReadable = () => {
      throw trouble;
    };
    const one = player();
    one.send('HANDSHAKE.DONE', 'DRAIN');
    expect(one.state.phase).toBe('draining');
    expect([bad.isOver, bad.error, good.isOver]).toEqual([true, trouble, false]);
    expect(texts(good)).toHaveLength(7);
    expect(inspection.followers).toBe(1);
  });

  it('bears a watcher that closes itself and begins anew inside its callback', () => {
    const { inspection, player } = stage();
    const first = inspection.watch({})!;
    let second: Watcher | null = null;
    first.onReadable = () => {
      first.close();
      second = inspection.watch({});
    };
    const one = player();
    one.send('HANDSHAKE.DONE');
    expect(texts(second!)).toEqual([]);
    one.send('DRAIN');
    expect(texts(second!)).toHaveLength(5);
  });
});
