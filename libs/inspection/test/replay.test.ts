import { connectionMachine } from '@sluice/connection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine, getNextTransitions, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { FlightRecorder, makeRecording, replay, type ActorRecording } from '../src/index.ts';
import { anyEvent, Player } from './support/cast.ts';

type Events = Parameters<Player['send']>;

function record(events: Events, stepsKept = 24): ActorRecording {
  const recorder = new FlightRecorder({ machine: connectionMachine, stepsKept });
  const player = new Player((actor, _from, to, event) => recorder.record(actor, to, event, 0));
  recorder.open(player, player.state, 0);
  player.send(...events);
  return recorder.recordingOf(player)!;
}

const run = (actor: ActorRecording, machine: AnyStateMachine = connectionMachine) => replay(makeRecording([actor], 0), [machine])[0];

/** A state in a machine's JSON. */
interface StateJson {
  on: Record<string, unknown>;
  states: Record<string, StateJson>;
  initial?: string;
  description?: string;
}

/** The connection's chart, changed in its JSON. */
function changed(change: (config: StateJson) => void): AnyStateMachine {
  const config = JSON.parse(JSON.stringify(connectionMachine.config));
  change(config);
  return createMachine(config);
}

/** For each step the transitions it took: one, or one for each region that heard the event. */
function transitionsTaken({ start, steps }: ActorRecording): { source: readonly string[]; event: string }[][] {
  return steps.map(({ event }, i) => {
    const value = i === 0 ? start : steps[i - 1].state;
    const state: AnyMachineSnapshot = (connectionMachine as AnyStateMachine).resolveState({ value: value!, context: {} });
    const enabled = getNextTransitions(state).filter(({ eventType }) => eventType === event);
    // A transition of an inner state goes before one of the states around it.
    const inner = enabled.filter(({ source }) => !enabled.some((other) => other.source !== source && other.source.id.startsWith(`${source.id}.`)));
    return inner.map(({ source }) => ({ source: source.path, event: event! }));
  });
}

describe('a replay', () => {
  it('of what was recorded differs nowhere, with steps lost or not', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 50 }), fc.integer({ min: 2, max: 30 }), (events, stepsKept) => {
        const actor = record(events, stepsKept);
        expect(run(actor)).toEqual({
          sessionId: actor.sessionId,
          chart: 'connection',
          outcome: 'same',
          chartChanged: false,
          steps: actor.steps.length,
          difference: null,
        });
      }),
    );
  });

  it('finds the first step that goes elsewhere today', () => {
    const mutant = changed(({ states }) => {
      states.established.states.outbound.states.clear.on['OUTBOUND.FULL'] = { target: 'throttled' };
    });
    const established = { inbound: 'flowing', outbound: 'clear' };
    expect(run(record(['HANDSHAKE.DONE', 'INBOUND.FULL', 'INBOUND.SPACE', 'OUTBOUND.FULL', 'ABORT']), mutant)).toMatchObject({
      outcome: 'differs',
      chartChanged: true,
      steps: 3,
      difference: {
        step: 3,
        event: 'OUTBOUND.FULL',
        from: { established },
        expected: { established: { ...established, outbound: 'choked' } },
        got: { established: { ...established, outbound: 'throttled' } },
      },
    });
  });

  it('finds an event that is ignored today', () => {
    const mutant = changed(({ states }) => void delete states.established.on['DRAIN']);
    const { difference } = run(record(['HANDSHAKE.DONE', 'DRAIN']), mutant);
    expect(difference).toMatchObject({ step: 1, event: 'DRAIN', expected: { draining: 'finishing' }, got: { established: {} } });
  });

  it('finds a state that does not exist today', () => {
    const actor = record(['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'OUTBOUND.CLEAR'], 2);
    expect(actor.start).toEqual({ established: { inbound: 'flowing', outbound: 'choked' } });
    const renamed = createMachine(JSON.parse(JSON.stringify(connectionMachine.config).replaceAll('"choked"', '"slow"')));
    expect(run(actor, renamed)).toMatchObject({ outcome: 'differs', steps: 0, difference: { step: -1, expected: actor.start, got: null } });
  });

  it('finds a state that has another region today', () => {
    const actor = record(['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'OUTBOUND.CLEAR'], 2);
    const extended = changed(({ states }) => {
      states.established.states.third = { on: {}, initial: 'only', states: { only: { on: {}, states: {} } } };
    });
    expect(run(actor, extended).difference).toMatchObject({ step: -1 });
  });

  it('says of a changed chart that does the same both', () => {
    const reworded = changed(({ states }) => {
      states.closed.description = 'Over.';
    });
    expect(run(record(['HANDSHAKE.DONE', 'DRAIN']), reworded)).toMatchObject({ outcome: 'same', chartChanged: true });
  });

  it('detects any one transition that leads elsewhere, at the first step that takes it', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), fc.nat(), (events, choice) => {
        const actor = record(events);
        fc.pre(actor.steps.length > 0);
        const taken = transitionsTaken(actor);
        const [{ source, event }] = taken[choice % taken.length];
        const mutant = changed((config) => {
          config.states.elsewhere = { on: {}, states: {} };
          const node = source.reduce((parent, key) => parent.states[key], config);
          node.on[event] = { target: '#connection.elsewhere' };
        });
        const first = taken.findIndex((each) => each.some((one) => one.event === event && one.source.join('.') === source.join('.')));
        expect(run(actor, mutant)).toMatchObject({ outcome: 'differs', steps: first, difference: { step: first, event } });
      }),
    );
  });

  it('of a chart that is not there says so', () => {
    expect(run({ ...record(['DRAIN']), chart: 'connector' })).toMatchObject({ outcome: 'unknownChart', difference: null });
  });

  it('takes a step for which the recorder had no number as it was seen, and goes on', () => {
    const actor = record(['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'OUTBOUND.CLEAR', 'DRAIN']);
    const blank = (step: number, blanks: object): ActorRecording => ({
      ...actor,
      steps: actor.steps.map((each, i) => (i === step ? { ...each, ...blanks } : each)),
    });
    expect(run(blank(1, { event: null })).outcome).toBe('same');
    expect(run(blank(1, { state: null })).outcome).toBe('same');
    expect(run({ ...actor, start: null }).outcome).toBe('same');
    expect(run(blank(2, { event: 'INBOUND.FULL' })).difference).toMatchObject({ step: 2 });
  });
});
