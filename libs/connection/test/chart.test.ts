import { deadlineNames } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import { closeReasons, connectionMachine, type ConnectionEvent, type ConnectionSnapshot } from '../src/index.ts';

const events: ConnectionEvent[] = [
  ...(['HANDSHAKE.DONE', 'INBOUND.FULL', 'INBOUND.SPACE', 'INBOUND.THROTTLED', 'INBOUND.END', 'OUTBOUND.FULL'] as const),
  ...(['OUTBOUND.CLEAR', 'OUTBOUND.THROTTLED', 'DRAIN', 'FAIL', 'FLUSHED', 'ABORT'] as const),
  ...(['TRANSPORT.CLOSED', 'TRANSPORT.FAILED'] as const),
  ...deadlineNames.map((name) => `TIMEOUT.${name}` as const),
].map((type) => ({ type }) as ConnectionEvent);

const phaseOf = (value: unknown): string => (typeof value === 'string' ? value : Object.keys(value as object)[0]!);

interface Transition {
  readonly state: ConnectionSnapshot;
}

function targetsOf(transitions: Readonly<Record<string, unknown>>): ConnectionSnapshot[] {
  return Object.values(transitions as Readonly<Record<string, Transition>>).map(({ state }) => state);
}

describe('the connection chart', () => {
  it('is pure: no context, no invoked actors, no delays, no guards', () => {
    const definition = JSON.stringify(connectionMachine.definition);
    expect(connectionMachine.config.context).toBeUndefined();
    expect(definition).not.toContain('xstate.after');
    expect(definition).not.toMatch(/"guard":[^,}]*[{"]/);
    expect(definition).not.toMatch(/"invoke":\[\{/);
  });

  it('has five states at the top', () => {
    expect(Object.keys(connectionMachine.states)).toEqual(['handshake', 'established', 'draining', 'writeAndAbort', 'closed']);
  });

  it('reaches every state, and can close from every state', () => {
    const map = getAdjacencyMap(connectionMachine, { events });
    const nodes = Object.values(map);
    const phases = new Set(nodes.map(({ state }) => phaseOf(state.value)));
    expect([...phases].toSorted()).toEqual(['closed', 'draining', 'established', 'handshake', 'writeAndAbort']);
    for (const { state, transitions } of nodes) {
      if (state.value === 'closed') continue;
      const targets = targetsOf(transitions).map(({ value }) => value);
      expect(targets, JSON.stringify(state.value)).toContain('closed');
    }
  });

  it('never leaves closed, and goes back from draining and writeAndAbort to nothing earlier', () => {
    const order = ['handshake', 'established', 'draining', 'writeAndAbort', 'closed'];
    for (const { state, transitions } of Object.values(getAdjacencyMap(connectionMachine, { events }))) {
      for (const target of targetsOf(transitions)) {
        expect(order.indexOf(phaseOf(target.value))).toBeGreaterThanOrEqual(order.indexOf(phaseOf(state.value)));
      }
    }
  });

  it('disarms on every path what it armed, so that no deadline outlives the connection', () => {
    for (const path of getShortestPaths(connectionMachine, { events })) {
      const armed = new Set<string>();
      let [snapshot, actions] = initialTransition(connectionMachine);
      const apply = (): void => {
        for (const { type, params } of actions) {
          if (type === 'arm') armed.add((params as { timer: string }).timer);
          if (type === 'disarm') armed.delete((params as { timer: string }).timer);
        }
      };
      apply();
      for (const { event } of path.steps) {
        if ((event.type as string) === 'xstate.init') continue;
        [snapshot, actions] = transition(connectionMachine, snapshot, event);
        apply();
      }
      [snapshot, actions] = transition(connectionMachine, snapshot, { type: 'ABORT' });
      apply();
      expect(snapshot.value).toBe('closed');
      expect([...armed], path.steps.map(({ event }) => event.type).join(' ')).toEqual([]);
    }
  });

  it('loses neither a throttle nor a full window when both hold, whichever comes and goes first', () => {
    const regions = [
      { name: 'inbound', full: 'INBOUND.FULL', room: 'INBOUND.SPACE', throttled: 'INBOUND.THROTTLED', wake: 'TIMEOUT.throttleIn', none: 'flowing', window: 'quenched' },
      { name: 'outbound', full: 'OUTBOUND.FULL', room: 'OUTBOUND.CLEAR', throttled: 'OUTBOUND.THROTTLED', wake: 'TIMEOUT.throttleOut', none: 'clear', window: 'choked' },
    ] as const;
    for (const { name, full, room, throttled, wake, none, window } of regions) {
      const after = (...types: ConnectionEvent['type'][]): unknown => {
        let [snapshot] = initialTransition(connectionMachine);
        for (const type of ['HANDSHAKE.DONE', ...types] as const) [snapshot] = transition(connectionMachine, snapshot, { type } as ConnectionEvent);
        return (snapshot.value as { established: Record<string, string> }).established[name];
      };
      for (const both of [[full, throttled], [throttled, full]] as const) {
        expect(after(...both)).toBe(`${window}Throttled`);
        expect(after(...both, room)).toBe('throttled');
        expect(after(...both, wake)).toBe(window);
        expect(after(...both, room, wake)).toBe(none);
        expect(after(...both, wake, room)).toBe(none);
      }
    }
  });

  it('has a throttle’s deadline in every state but closed', () => {
    const map = getAdjacencyMap(connectionMachine, { events });
    for (const { state } of Object.values(map)) {
      const phase = phaseOf(state.value);
      if (phase === 'closed' || phase === 'established') continue;
      for (const [type, timer] of [['INBOUND.THROTTLED', 'throttleIn'], ['OUTBOUND.THROTTLED', 'throttleOut']] as const) {
        const [target, actions] = transition(connectionMachine, state, { type });
        expect(target.value).toEqual(state.value);
        expect(actions).toContainEqual(expect.objectContaining({ type: 'arm', params: { timer } }));
      }
    }
  });

  it('names only reasons of the closed list', () => {
    const named = [...JSON.stringify(connectionMachine.definition).matchAll(/"reason":"([^"]+)"/g)].map((match) => match[1]);
    expect(named.length).toBeGreaterThan(5);
    for (const reason of named) expect(closeReasons).toContain(reason);
  });
});
