import { describe, expect, it } from 'vitest';
import { setup, type SnapshotFrom } from 'xstate';
import { StepTable, type ChartStep, type SharedState } from '../src/index.ts';

type Event = { type: 'OPEN' } | { type: 'CLOSE' } | { type: 'KNOCK' };
type Action = { type: 'ring'; params: { times: number } } | { type: 'greet' };

const chart = setup({
  types: { events: {} as Event },
  actions: { ring: (_, _params: { times: number }) => {}, greet: () => {} },
});
const door = chart.createMachine({
  initial: 'shut',
  on: { KNOCK: { actions: [{ type: 'ring', params: { times: 2 } }] } },
  states: {
    shut: { on: { OPEN: { target: 'open' } } },
    open: {
      type: 'parallel',
      entry: ['greet'],
      on: { CLOSE: { target: 'shut' } },
      states: { light: { initial: 'on', states: { on: {} } }, guest: { initial: 'outside', states: { outside: {} } } },
    },
  },
});

interface DoorState extends SharedState<SnapshotFrom<typeof door>, Event['type'], ChartStep<DoorState, Action>> {
  readonly lets: boolean;
}

function table() {
  return new StepTable<typeof door, Event['type'], Action, DoorState>(door, (shared) => ({ ...shared, lets: shared.label !== 'shut' }));
}

describe('a step table', () => {
  it('answers the same step for the same state and event', () => {
    const steps = table();
    const shut = steps.initialStep().target;
    expect(steps.initialStep().target).toBe(shut);
    expect(steps.stepFrom(shut, 'OPEN')).toBe(steps.stepFrom(shut, 'OPEN'));
    expect(steps.stepFrom(steps.stepFrom(shut, 'OPEN').target, 'CLOSE').target).toBe(shut);
  });

  it('names states readably, regions too, and adds what the chart says about them', () => {
    const steps = table();
    const shut = steps.initialStep().target;
    const open = steps.stepFrom(shut, 'OPEN').target;
    expect([shut.label, open.label]).toEqual(['shut', 'open(light.on guest.outside)']);
    expect([shut.lets, open.lets]).toEqual([false, true]);
  });

  it("gives the chart's own actions with their parameters, frozen, and nothing of XState's", () => {
    const steps = table();
    const { actions, taken } = steps.stepFrom(steps.initialStep().target, 'KNOCK');
    expect(actions).toEqual([{ type: 'ring', params: { times: 2 } }]);
    expect(taken).toBe(true);
    expect(Object.isFrozen(actions) && Object.isFrozen(actions[0])).toBe(true);
  });

  it('says that an event without a transition was not taken', () => {
    const steps = table();
    const shut = steps.initialStep().target;
    expect(steps.stepFrom(shut, 'CLOSE')).toEqual({ target: shut, actions: [], taken: false });
  });
});
