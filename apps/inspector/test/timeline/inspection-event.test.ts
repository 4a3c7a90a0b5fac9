import { connectionMachine, initialStep, stepFrom } from '@sluice/connection';
import { Inspection, type InspectedActor } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { readInspectionEvent, type Seen } from '../../src/timeline/inspection-event.ts';

const root: InspectedActor = { sessionId: 'gateway', getSnapshot: () => ({ status: 'active', output: undefined, error: undefined }) };

function setUp(maxEvents = 100) {
  let state = initialStep().target;
  const actor: InspectedActor = { sessionId: 'connection:1', getSnapshot: () => state.snapshot };
  const inspection = new Inspection({
    root,
    directory: { parentOf: (each) => (each === root ? null : root), machineOf: (each) => (each === root ? null : connectionMachine), factsOf: () => ({ peer: null, protocol: null, topics: [], tags: [] }) },
    epochMs: () => 5000,
  });
  const watcher = inspection.watch({ actors: [actor] }, { maxEvents, maxBytes: 1_000_000 })!;
  const send = (event: Parameters<typeof stepFrom>[1]): void => {
    const from = state;
    state = stepFrom(from, event).target;
    inspection.onStep(actor, from, state, event);
  };
  const read = (): Seen[] => {
    const seen: Seen[] = [];
    for (let text = watcher.next(); text !== null; text = watcher.next()) {
      const each = readInspectionEvent(JSON.parse(text), actor.sessionId);
      if (each !== null) seen.push(each);
    }
    return seen;
  };
  return { send, read };
}

describe('what a watcher is sent', () => {
  it('is an introduction, then one step for each', () => {
    const { send, read } = setUp();
    send('HANDSHAKE.DONE');
    send('OUTBOUND.FULL');
    expect(read()).toEqual([
      { kind: 'introduced', state: 'handshake', epochMs: 5000 },
      { kind: 'step', event: 'HANDSHAKE.DONE', state: { established: { inbound: 'flowing', outbound: 'clear' } }, epochMs: 5000 },
      { kind: 'step', event: 'OUTBOUND.FULL', state: { established: { inbound: 'flowing', outbound: 'choked' } }, epochMs: 5000 },
    ]);
  });

  it('says how much was lost', () => {
    const { send, read } = setUp(6);
    send('HANDSHAKE.DONE');
    for (let i = 0; i < 5; i++) {
      send('OUTBOUND.FULL');
      send('OUTBOUND.CLEAR');
    }
    const lost = read().find(({ kind }) => kind === 'lost');
    expect(lost).toMatchObject({ kind: 'lost' });
    expect(lost?.kind === 'lost' && lost.count).toBeGreaterThan(0);
  });
});

it('other actors say nothing', () => {
  expect(readInspectionEvent({ type: '@xstate.snapshot', sessionId: 'connection:2', event: { type: 'X' }, snapshot: { value: 'a' } }, 'connection:1')).toBe(null);
  expect(readInspectionEvent({}, 'connection:1')).toBe(null);
});
