import { describe, expect, it } from 'vitest';
import { getAdjacencyMap } from 'xstate/graph';
import { listenerMachine, listenerSteps, type ListenerEvent, type ListenerEventType, type ListenerStep } from '../src/index.ts';

const types: ListenerEventType[] = ['BOUND', 'BIND.FAILED', 'ACCEPTED', 'DIED', 'RETRY', 'STOP', 'TIMEOUT.listen'];
const events = types.map((type): ListenerEvent => ({ type }));

function walk(...path: ListenerEventType[]): ListenerStep {
  return path.reduce<ListenerStep>((step, type) => listenerSteps.stepFrom(step.target, type), listenerSteps.initialStep());
}

describe("the listener's chart", () => {
  it('is pure: no context, no invoked actors, no delays, no guards', () => {
    const definition = JSON.stringify(listenerMachine.definition);
    expect(listenerMachine.config.context).toBeUndefined();
    expect(definition).not.toContain('xstate.after');
    expect(definition).not.toMatch(/"guard":[^,}]*[{"]/);
    expect(definition).not.toMatch(/"invoke":\[\{/);
  });

  it('reaches every state, and can be stopped in each but the last', () => {
    const labels: string[] = [];
    for (const { state } of Object.values(getAdjacencyMap(listenerMachine, { events }))) {
      labels.push(typeof state.value === 'string' ? state.value : Object.values(state.value)[0]!);
    }
    expect(labels.toSorted()).toEqual(['active', 'binding', 'quiet', 'starting', 'stopped', 'waiting']);
    for (const path of [[], ['BOUND'], ['BOUND', 'TIMEOUT.listen'], ['BOUND', 'DIED'], ['BOUND', 'DIED', 'RETRY']] as const) {
      expect(walk(...path, 'STOP').target.phase, path.join()).toBe('stopped');
    }
    for (const type of types) expect(walk('STOP', type).taken, type).toBe(false);
  });

  it('fails the start when the first bind fails, and tries again when a later one does', () => {
    expect(walk('BIND.FAILED').target.phase).toBe('stopped');
    expect(walk('BOUND', 'DIED', 'RETRY', 'BIND.FAILED').target.phase).toBe('waiting');
    expect(walk('BOUND', 'DIED', 'RETRY', 'BOUND').target).toBe(walk('BOUND').target);
  });

  it('arms its deadline anew at each accept, tells of silence once, and disarms whenever it stops listening', () => {
    const arm = { type: 'arm', params: { timer: 'listen' } };
    const disarm = { type: 'disarm', params: { timer: 'listen' } };
    expect(walk('BOUND').actions).toEqual([arm]);
    expect(walk('BOUND', 'ACCEPTED')).toMatchObject({ actions: [arm], taken: true });
    const quiet = walk('BOUND', 'TIMEOUT.listen');
    expect(quiet.target.label).toBe('listening.quiet');
    expect(quiet.actions).toEqual([{ type: 'reportQuiet', params: undefined }]);
    expect(walk('BOUND', 'TIMEOUT.listen', 'TIMEOUT.listen').taken).toBe(false);
    expect(walk('BOUND', 'TIMEOUT.listen', 'ACCEPTED')).toMatchObject({ target: walk('BOUND').target, actions: [arm] });
    for (const before of [['BOUND'], ['BOUND', 'TIMEOUT.listen']] as const) {
      expect(walk(...before, 'DIED').actions).toEqual([disarm]);
      expect(walk(...before, 'STOP').actions).toEqual([disarm, { type: 'close', params: undefined }]);
    }
  });

  it('knows nothing of accepts where nothing is bound', () => {
    for (const path of [[], ['BOUND', 'DIED'], ['BOUND', 'DIED', 'RETRY']] as const) expect(walk(...path, 'ACCEPTED').taken).toBe(false);
  });
});
