import { initialStep, stepFrom, type ChartState, type ConnectionEventType } from '@sluice/connection';
import { stateFacts } from '@sluice/inspection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrowsTaken, possibleEvents, type Arrow } from '../../src/chart/transitions.ts';
import { connectionArrows } from './arrows.ts';

const arrows = connectionArrows();
const events = [...new Set(arrows.flatMap((arrow) => arrow.events))] as ConnectionEventType[];

describe('the arrows of a step', () => {
  it('are those of the innermost active state', () => {
    const nested: Arrow[] = [
      { source: 'm.a', target: 'm.x', events: ['GO'] },
      { source: 'm.a.b', target: 'm.y', events: ['GO', 'STOP'] },
      { source: 'm', target: 'm.z', events: ['END'] },
    ];
    const active = ['m.a', 'm.a.b'];
    expect(arrowsTaken(nested, active, 'GO', 'm').map(({ target }) => target)).toEqual(['m.y']);
    expect(arrowsTaken(nested, active, 'END', 'm').map(({ target }) => target)).toEqual(['m.z']);
    expect(arrowsTaken(nested, ['m.a'], 'STOP', 'm')).toEqual([]);
    expect(arrowsTaken(nested, active, null, 'm')).toEqual([]);
  });

  it('lead where the real chart goes, from every state it can be driven to', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (walk) => {
        let state: ChartState = initialStep().target;
        for (const event of walk) {
          const { target } = stepFrom(state, event);
          const taken = arrowsTaken(arrows, stateFacts(state.snapshot).stateIds, event, 'connection');
          if (target !== state) {
            expect(taken).toHaveLength(1);
            expect(stateFacts(target.snapshot).stateIds).toContain(taken[0]?.target);
          }
          state = target;
        }
      }),
    );
  });
});

describe('events that are possible', () => {
  it('are those the chart has an arrow for', () => {
    const { stateIds, nextEvents } = stateFacts(stepFrom(initialStep().target, 'HANDSHAKE.DONE').target.snapshot);
    expect(possibleEvents(arrows, stateIds, 'connection').toSorted()).toEqual([...nextEvents].toSorted());
  });

  it('are none where the machine is over, or not known', () => {
    expect(possibleEvents(arrows, ['connection.closed'], 'connection')).toEqual([]);
    expect(possibleEvents(arrows, [], 'connection')).toEqual([]);
  });
});
