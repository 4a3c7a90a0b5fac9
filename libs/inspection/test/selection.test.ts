import { initialStep, stepFrom, type ConnectionEventType } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { Selector, type Selection } from '../src/selection.ts';
import { directory, Player } from './support/cast.ts';

const state = (...events: ConnectionEventType[]) => events.reduce((from, event) => stepFrom(from, event).target, initialStep().target);
const clear = state('HANDSHAKE.DONE');
const choked = state('HANDSHAKE.DONE', 'OUTBOUND.FULL');

function sees(selection: Selection, actor: Player, from = clear, to = clear): boolean {
  return new Selector(selection, directory).matches(actor, from, to);
}

describe('a selection', () => {
  it('of nothing in particular is of all', () => {
    expect(sees({}, new Player())).toBe(true);
  });

  it('of chosen actors is of those alone', () => {
    const [one, other] = [new Player(), new Player()];
    expect([sees({ actors: [one] }, one), sees({ actors: [one] }, other)]).toEqual([true, false]);
  });

  it('by state takes the steps into it, inside it and out of it', () => {
    const player = new Player();
    const selection = { state: 'established.outbound.choked' };
    expect(sees(selection, player, clear, choked)).toBe(true);
    expect(sees(selection, player, choked, choked)).toBe(true);
    expect(sees(selection, player, choked, clear)).toBe(true);
    expect(sees(selection, player, clear, clear)).toBe(false);
    expect(sees({ state: 'established' }, player)).toBe(true);
    expect(sees({ state: choked.label }, player, clear, choked)).toBe(true);
    expect(sees({ state: 'draining' }, player)).toBe(false);
  });

  it('by facts asks the directory', () => {
    const player = new Player();
    player.facts = { peer: '198.51.100.7', protocol: 'sse', topics: ['news', 'prices.>'], tags: ['vip'] };
    expect(sees({ peer: '198.51.100.7', protocol: 'sse', topic: 'prices.>', tag: 'vip' }, player)).toBe(true);
    for (const wrong of [{ peer: '198.51.100.8' }, { protocol: 'http' }, { topic: 'prices' }, { tag: 'v' }]) {
      expect(sees(wrong, player)).toBe(false);
    }
  });

  it('does not ask for facts that no filter looks at', () => {
    const asked: unknown[] = [];
    const selector = new Selector({ state: 'established' }, { ...directory, factsOf: (actor) => (asked.push(actor), (actor as Player).facts) });
    expect(selector.matches(new Player(), clear, clear)).toBe(true);
    expect(asked).toEqual([]);
  });

  it('of a share is of that part of all actors, the same ones each time, and within each larger share', () => {
    const players = Array.from({ length: 5000 }, () => new Player());
    const of = (share: number) => new Set(players.filter((player) => sees({ share }, player)));
    const tenth = of(0.1);
    expect(tenth.size).toBeGreaterThan(400);
    expect(tenth.size).toBeLessThan(600);
    expect(of(0.1)).toEqual(tenth);
    const third = of(0.3);
    expect([...tenth].every((player) => third.has(player))).toBe(true);
    expect([of(0).size, of(1).size]).toEqual([0, 5000]);
  });

  it('refuses a share that is none', () => {
    for (const share of [-0.1, 1.1, Number.NaN]) expect(() => new Selector({ share }, directory)).toThrow(RangeError);
  });
});
