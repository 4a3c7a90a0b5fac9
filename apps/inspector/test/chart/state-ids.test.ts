import { initialStep, stepFrom, type ChartState, type ConnectionEventType } from '@sluice/connection';
import { stateFacts } from '@sluice/inspection';
import { expect, it } from 'vitest';
import { activeStateIds, stateLabel } from '../../src/chart/state-ids.ts';

const walks: ConnectionEventType[][] = [[], ['HANDSHAKE.DONE'], ['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'INBOUND.FULL'], ['HANDSHAKE.DONE', 'DRAIN', 'FLUSHED'], ['FAIL'], ['ABORT']];

it.each(walks.map((walk) => [walk.join(' '), walk] as const))('says what the gateway says, after "%s"', (_, walk) => {
  const state = walk.reduce<ChartState>((from, event) => stepFrom(from, event).target, initialStep().target);
  const { value } = state.snapshot;
  expect(activeStateIds('connection', value).toSorted()).toEqual(stateFacts(state.snapshot).stateIds.toSorted());
  expect(stateLabel(value)).toBe(state.label);
});

it('nothing is active in a state that is not known', () => {
  expect(activeStateIds('connection', null)).toEqual([]);
  expect(stateLabel(null)).toBe('not known');
});
