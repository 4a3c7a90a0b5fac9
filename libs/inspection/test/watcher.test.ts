import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Inspection, lostEventType, type QueueLimits, type Selection, type Watcher } from '../src/index.ts';
import { anyEvent, directory, listener, Player, supervisor } from './support/cast.ts';

interface Told {
  readonly type: string;
  readonly sessionId: string;
  readonly event?: { readonly type: string; readonly count?: number };
  readonly snapshot?: { readonly value?: unknown; readonly status: string };
}

function stage(selection: Selection | ((player: Player) => Selection) = {}, limits?: QueueLimits) {
  const inspection = new Inspection({ root: supervisor, directory, epochMs: () => 0 });
  const player = new Player((...step) => inspection.onStep(...step));
  const watcher = inspection.watch(typeof selection === 'function' ? selection(player) : selection, limits)!;
  return { inspection, player, watcher };
}

function drain(watcher: Watcher): Told[] {
  const told: Told[] = [];
  for (let text = watcher.next(); text !== null; text = watcher.next()) told.push(JSON.parse(text) as Told);
  return told;
}

const brief = (told: readonly Told[]) => told.map(({ type, sessionId, event }) => `${type} ${sessionId} ${event?.type ?? ''}`.trim());

describe('a watcher', () => {
  it('is introduced to an actor and its parents before the first step, once', () => {
    const { player, watcher } = stage();
    player.send('HANDSHAKE.DONE', 'OUTBOUND.FULL');
    const { sessionId } = player;
    expect(brief(drain(watcher))).toEqual([
      `@xstate.actor ${supervisor.sessionId}`,
      `@xstate.actor ${listener.sessionId}`,
      `@xstate.actor ${sessionId}`,
      `@xstate.event ${sessionId} HANDSHAKE.DONE`,
      `@xstate.snapshot ${sessionId} HANDSHAKE.DONE`,
      `@xstate.event ${sessionId} OUTBOUND.FULL`,
      `@xstate.snapshot ${sessionId} OUTBOUND.FULL`,
    ]);
  });

  it('is shown an actor in the state that its first step began in', () => {
    const { player, watcher } = stage();
    player.send('HANDSHAKE.DONE');
    expect(drain(watcher)[2].snapshot?.value).toBe('handshake');
  });

  it('is shown a chosen actor at once, in the state it is in', () => {
    const { player, watcher } = stage((player) => {
      player.send('HANDSHAKE.DONE');
      return { actors: [player] };
    });
    expect(drain(watcher).at(-1)).toMatchObject({ sessionId: player.sessionId, snapshot: { value: { established: {} } } });
  });

  it('is over once all that it chose have ended and all is taken', () => {
    const { player, watcher } = stage((player) => ({ actors: [player] }));
    player.send('HANDSHAKE.DONE', 'ABORT');
    expect(watcher.isOver).toBe(false);
    expect(drain(watcher).at(-1)?.snapshot?.status).toBe('done');
    expect(watcher.isOver).toBe(true);
  });

  it('is over, too, when its filter let the end of what it chose not through, or that had ended before', () => {
    const { player, watcher } = stage((player) => ({ actors: [player], state: 'established' }));
    drain(watcher);
    player.send('DRAIN', 'ABORT');
    expect([watcher.next(), watcher.isOver]).toEqual([null, true]);
    const late = stage((player) => {
      player.send('ABORT');
      return { actors: [player] };
    });
    expect(drain(late.watcher).at(-1)?.snapshot?.status).toBe('done');
    expect(late.watcher.isOver).toBe(true);
  });

  it('is called when there is something to take and there was nothing', () => {
    const { player, watcher } = stage();
    let calls = 0;
    watcher.onReadable = () => calls++;
    player.send('HANDSHAKE.DONE', 'OUTBOUND.FULL');
    expect(calls).toBe(1);
    drain(watcher);
    player.send('OUTBOUND.CLEAR');
    expect(calls).toBe(2);
  });

  it('is called when nothing will come any more, without anything to take', () => {
    const { player, watcher } = stage((player) => ({ actors: [player], state: 'established' }));
    drain(watcher);
    const over: boolean[] = [];
    watcher.onReadable = () => over.push(watcher.isOver);
    player.send('ABORT');
    expect(over).toEqual([true]);
  });

  it('is introduced to an actor again after a loss', () => {
    const { player, watcher } = stage({}, { maxEvents: 6, maxBytes: 64 * 1024 });
    player.send('HANDSHAKE.DONE', 'OUTBOUND.FULL', 'OUTBOUND.CLEAR');
    expect(watcher.lost).toBe(3);
    expect(brief(drain(watcher))).toHaveLength(7);
    player.send('DRAIN');
    expect(brief(drain(watcher))[0]).toBe(`@xstate.actor ${supervisor.sessionId}`);
  });

  it('hears nothing after close, and holds nothing', () => {
    const { inspection, player, watcher } = stage();
    player.send('HANDSHAKE.DONE');
    watcher.close();
    watcher.close();
    player.send('DRAIN');
    expect([watcher.next(), watcher.queuedEvents, watcher.isOver, inspection.followers]).toEqual([null, 0, true, 0]);
  });

  it('stays within its bounds under any steps; what is taken and what is lost is all there was', () => {
    const act = fc.oneof(
      fc.record({ take: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ player: fc.nat({ max: 3 }), event: anyEvent }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), fc.integer({ min: 2, max: 20 }), fc.integer({ min: 600, max: 20_000 }), (acts, maxEvents, maxBytes) => {
        const { inspection, watcher } = stage({}, { maxEvents, maxBytes });
        const players = Array.from({ length: 4 }, () => new Player((...step) => inspection.onStep(...step)));
        const told: Told[] = [];
        let steps = 0;
        for (const each of acts) {
          if ('take' in each) {
            for (let i = 0; i < each.take; i++) {
              const text = watcher.next();
              if (text !== null) told.push(JSON.parse(text) as Told);
            }
          } else if (players[each.player].send(each.event)) {
            steps++;
          }
          expect(watcher.queuedEvents).toBeLessThanOrEqual(maxEvents);
          expect(watcher.queuedBytes).toBeLessThanOrEqual(maxBytes);
        }
        told.push(...drain(watcher));
        const markers = told.filter(({ event }) => event?.type === lostEventType);
        const lost = markers.reduce((sum, { event }) => sum + event!.count!, 0);
        const ofSteps = told.filter(({ type, sessionId }) => type !== '@xstate.actor' && sessionId !== supervisor.sessionId).length;
        expect(lost).toBe(watcher.lost);
        // Introductions may be lost, too: they are all that the rest of the losses can be.
        expect(ofSteps + lost).toBeGreaterThanOrEqual(2 * steps);
        if (lost === 0) expect(ofSteps).toBe(2 * steps);
      }),
    );
  });
});
