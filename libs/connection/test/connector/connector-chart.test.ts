import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import { connectorMachine, type ConnectorEvent, type ConnectorSnapshot } from '../../src/index.ts';

const events: ConnectorEvent[] = (
  [
    ...(['START', 'RESOLVED', 'RESOLVE.FAILED', 'ADDRESS', 'ADDRESSES.NONE', 'CONNECTED', 'CONNECT.FAILED', 'ESTABLISHED', 'LOST'] as const),
    ...(['REFUSED', 'RETRY', 'GIVE.UP', 'RETRY.NOW', 'STOP', 'ABORT'] as const),
    ...(['TIMEOUT.dnsResolve', 'TIMEOUT.connecting', 'TIMEOUT.handshake', 'TIMEOUT.reconnect'] as const),
  ] as const
).map((type) => ({ type }));

function walk(...types: ConnectorEvent['type'][]): { readonly value: string; readonly actions: readonly string[] } {
  let [snapshot, actions] = initialTransition(connectorMachine);
  for (const type of types) [snapshot, actions] = transition(connectorMachine, snapshot, { type });
  return { value: snapshot.value, actions: actions.map(({ type, params }) => [type, ...Object.values(params ?? {})].join(' ')) };
}

const toConnected = ['START', 'RESOLVED', 'ADDRESS', 'CONNECTED', 'ESTABLISHED'] as const;

describe("the connector's chart", () => {
  it('is pure: no context, no invoked actors, no delays, no guards', () => {
    const definition = JSON.stringify(connectorMachine.definition);
    expect(connectorMachine.config.context).toBeUndefined();
    expect(definition).not.toContain('xstate.after');
    expect(definition).not.toMatch(/"guard":[^,}]*[{"]/);
    expect(definition).not.toMatch(/"invoke":\[\{/);
  });

  it('goes from a name to a connection, with one deadline at a time', () => {
    expect(walk('START')).toEqual({ value: 'resolving', actions: ['arm dnsResolve', 'resolve'] });
    expect(walk('START', 'RESOLVED')).toEqual({ value: 'choosing', actions: ['disarm dnsResolve', 'choose'] });
    expect(walk('START', 'RESOLVED', 'ADDRESS')).toEqual({ value: 'connecting', actions: ['arm connecting', 'connect'] });
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'CONNECTED')).toEqual({ value: 'handshaking', actions: ['disarm connecting', 'arm handshake', 'open'] });
    expect(walk(...toConnected)).toEqual({ value: 'connected', actions: ['disarm handshake', 'announce'] });
  });

  it('takes the next address after a time-out, a failure or a loss, and plans when none is left', () => {
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'TIMEOUT.connecting')).toEqual({ value: 'choosing', actions: ['disarm connecting', 'timedOut', 'choose'] });
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'CONNECT.FAILED').value).toBe('choosing');
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'CONNECTED', 'TIMEOUT.handshake').actions).toContain('timedOut');
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'CONNECTED', 'LOST').value).toBe('choosing');
    expect(walk('START', 'RESOLVED', 'ADDRESSES.NONE')).toEqual({ value: 'planning', actions: ['plan'] });
    expect(walk('START', 'RESOLVED', 'ADDRESS', 'CONNECTED', 'REFUSED').value).toBe('planning');
    expect(walk(...toConnected, 'LOST').value).toBe('planning');
    expect(walk('START', 'TIMEOUT.dnsResolve', 'RETRY', 'TIMEOUT.reconnect').value).toBe('resolving');
  });

  it('says goodbye only where there is someone to say it to', () => {
    expect(walk(...toConnected, 'STOP')).toEqual({ value: 'stopping', actions: ['drain'] });
    expect(walk(...toConnected, 'STOP', 'LOST').value).toBe('stopped');
    expect(walk(...toConnected, 'STOP', 'ABORT')).toEqual({ value: 'stopped', actions: ['cancel', 'release'] });
    expect(walk('START', 'STOP').actions).toEqual(['disarm dnsResolve', 'cancel', 'release']);
  });

  it('reaches every state, and can stop from every state', () => {
    const nodes = Object.values(getAdjacencyMap(connectorMachine, { events }));
    expect(nodes.map(({ state }) => state.value).toSorted()).toEqual(Object.keys(connectorMachine.states).toSorted());
    for (const { state, transitions } of nodes) {
      const targets = Object.values(transitions as Readonly<Record<string, { readonly state: ConnectorSnapshot }>>).map((one) => one.state.value);
      if (state.value !== 'stopped') expect(targets, state.value).toContain('stopped');
      else expect(new Set(targets)).toEqual(new Set(['stopped']));
    }
  });

  it('disarms on every path what it armed, and never has two deadlines armed', () => {
    for (const path of getShortestPaths(connectorMachine, { events })) {
      const armed = new Set<string>();
      let [snapshot, actions] = initialTransition(connectorMachine);
      const all = [...path.steps.map(({ event }) => event), { type: 'ABORT' } as const];
      for (const event of all) {
        if ((event.type as string) === 'xstate.init') continue;
        [snapshot, actions] = transition(connectorMachine, snapshot, event);
        for (const { type, params } of actions) {
          if (type === 'arm') armed.add((params as { timer: string }).timer);
          if (type === 'disarm') armed.delete((params as { timer: string }).timer);
        }
        expect(armed.size).toBeLessThan(2);
      }
      expect([snapshot.value, ...armed]).toEqual(['stopped']);
    }
  });
});
