import { connectionMachine } from '@sluice/connection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Inspection } from '../src/index.ts';
import { anyEvent, directory, Player, supervisor } from './support/cast.ts';

function stage() {
  const inspection = new Inspection({ root: supervisor, directory, epochMs: () => 0 });
  return { inspection, player: new Player((...step) => inspection.onStep(...step)) };
}

describe('a live actor', () => {
  it('starts where its original is, and goes where it goes', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (before, after) => {
        const { inspection, player } = stage();
        player.send(...before);
        const live = inspection.live(player, connectionMachine)!;
        for (const event of after) {
          player.send(event);
          expect(live.actor.getSnapshot().value).toEqual(player.state.snapshot.value);
        }
        live.stop();
        expect(inspection.followers).toBe(0);
      }),
    );
  });

  it("is seen by XState's own inspection", () => {
    const { inspection, player } = stage();
    const seen: string[] = [];
    inspection.live(player, connectionMachine, {
      inspect: (event) => {
        if (event.type === '@xstate.event') seen.push(event.event.type);
      },
    });
    player.send('HANDSHAKE.DONE', 'OUTBOUND.FULL');
    expect(seen).toEqual(['xstate.init', 'HANDSHAKE.DONE', 'OUTBOUND.FULL']);
  });

  it('ends with its original', () => {
    const { inspection, player } = stage();
    const live = inspection.live(player, connectionMachine)!;
    player.send('ABORT');
    expect(live.actor.getSnapshot().status).toBe('done');
    expect(inspection.followers).toBe(0);
  });

  it('of one that has ended has ended, too', () => {
    const { inspection, player } = stage();
    player.send('ABORT');
    expect(inspection.live(player, connectionMachine)!.isOver).toBe(true);
    expect(inspection.followers).toBe(0);
  });

  it('hears nothing after stop', () => {
    const { inspection, player } = stage();
    const live = inspection.live(player, connectionMachine)!;
    live.stop();
    player.send('HANDSHAKE.DONE');
    expect(live.actor.getSnapshot()).toMatchObject({ status: 'stopped', value: 'handshake' });
  });
});
