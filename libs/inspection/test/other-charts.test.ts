// Listeners and connectors are watched, recorded and replayed as connections are: nothing here knows one chart from another.

import { connectorMachine, connectorSteps, listenerMachine, listenerSteps, type ChartStep, type SharedState } from '@sluice/connection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import {
  FlightRecorder,
  Inspection,
  layoutInput,
  makeRecording,
  NO_FLIGHT,
  readDiagram,
  replay,
  type ActorDirectory,
  type InspectedActor,
  type Recorded,
} from '../src/index.ts';
import { supervisor } from './support/cast.ts';

interface State extends SharedState<AnyMachineSnapshot, string, ChartStep<State, unknown>> {}

interface Steps {
  initialStep(): ChartStep<State, unknown>;
  stepFrom(state: State, type: string): ChartStep<State, unknown>;
}

const charts: [string, AnyStateMachine, Steps][] = [
  ['connector', connectorMachine, connectorSteps as unknown as Steps],
  ['listener', listenerMachine, listenerSteps as unknown as Steps],
];

describe.each(charts)('the chart of a %s', (name, machine, steps) => {
  const directory: ActorDirectory = {
    parentOf: (actor) => (actor === supervisor ? null : supervisor),
    machineOf: (actor) => (actor === supervisor ? null : machine),
    factsOf: () => ({ peer: null, protocol: null, topics: [], tags: [] }),
  };

  it('is watched with each of its steps, recorded, and replayed without a difference', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...(machine.events as string[])), { maxLength: 22 }), (events) => {
        const inspection = new Inspection({ root: supervisor, directory, epochMs: () => 0 });
        const recorder = new FlightRecorder({ machine });
        let state = steps.initialStep().target;
        const actor = { sessionId: `${name}:1`, openedAtMs: 0, flight: NO_FLIGHT, getSnapshot: () => state.snapshot } satisfies InspectedActor & Recorded;
        const watcher = inspection.watch({ actors: [actor] })!;
        recorder.open(actor, state, 0);
        const values: unknown[] = [state.snapshot.value];
        for (const event of events) {
          const { target, taken } = steps.stepFrom(state, event);
          if (!taken || state.snapshot.status !== 'active') continue;
          inspection.onStep(actor, state, target, event);
          recorder.record(actor, target, event, 0);
          state = target;
          values.push(state.snapshot.value);
        }
        const seen: unknown[] = [];
        for (let text = watcher.next(); text !== null; text = watcher.next()) {
          const told = JSON.parse(text) as { sessionId: string; snapshot?: { value: unknown } };
          if (told.sessionId === actor.sessionId && told.snapshot !== undefined) seen.push(told.snapshot.value);
        }
        expect(seen).toEqual(values);
        const [result] = replay(makeRecording([recorder.recordingOf(actor)!], 0), [machine]);
        expect(result).toMatchObject({ chart: name, outcome: 'same', chartChanged: false, steps: values.length - 1 });
      }),
    );
  });

  it('can be drawn', () => {
    expect(layoutInput(readDiagram(machine.root)).children?.length).toBeGreaterThan(3);
  });
});
