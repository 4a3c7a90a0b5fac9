import { initialStep, stepFrom } from '@sluice/connection';
import { expect, it } from 'vitest';
import { EventEncoder } from '../src/inspection-events.ts';
import { Step } from '../src/step.ts';
import { directory, Player, supervisor } from './support/cast.ts';

const start = initialStep().target;
const encoder = new EventEncoder(supervisor, directory, () => 0);

it('is encoded once, whoever asks', () => {
  const step = new Step(new Player(), start, stepFrom(start, 'HANDSHAKE.DONE').target, 'HANDSHAKE.DONE', encoder);
  expect(step.eventText).toBe(step.eventText);
  expect(step.snapshotText).toBe(step.snapshotText);
  expect(JSON.parse(step.eventText)).toMatchObject({ type: '@xstate.event', event: { type: 'HANDSHAKE.DONE' } });
  expect(JSON.parse(step.snapshotText)).toMatchObject({ type: '@xstate.snapshot', event: { type: 'HANDSHAKE.DONE' } });
});

it('is the last one when it leads to a final state', () => {
  const to = (event: 'ABORT' | 'FAIL') => new Step(new Player(), start, stepFrom(start, event).target, event, encoder).isLast;
  expect([to('ABORT'), to('FAIL')]).toEqual([true, false]);
});
