import { connectionMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { allStates, describeAction, readDiagram } from '../../src/diagram/diagram-model.ts';
import { machineNode, smallChart } from '../support/small-chart.ts';

describe('readDiagram', () => {
  it('lists every state in document order, by path', () => {
    expect(allStates(readDiagram(smallChart)).map(({ path }) => path)).toEqual([
      '', 'open', 'open.left', 'open.left.on', 'open.right', 'open.right.off', 'gone',
    ]);
  });

  it('keeps what a state says of itself', () => {
    const open = readDiagram(smallChart).children[0];
    expect(open).toMatchObject({ key: 'open', type: 'parallel', description: 'In use | or not.', initial: null });
    expect(open?.entry.map(describeAction)).toEqual(['arm idle']);
    expect(open?.exit.map(describeAction)).toEqual(['disarm idle']);
    expect(open?.children[0]).toMatchObject({ type: 'compound', initial: 'open.left.on' });
  });

  it('reads transitions with and without a target, actions with and without a parameter', () => {
    const root = readDiagram(smallChart);
    expect(root.transitions).toEqual([{ event: 'ABORT', target: 'gone', guard: null, actions: [{ name: 'log', argument: null }] }]);
    expect(root.children[0]?.transitions[1]?.actions).toEqual([{ name: 'log', argument: null }]);
    const on = allStates(root).find(({ path }) => path === 'open.left.on');
    expect(on?.transitions).toEqual([{ event: 'POKE', target: null, guard: null, actions: [{ name: 'log', argument: null }] }]);
  });

  it('names guards as XState takes them: by name, as an object with the name, as a function', () => {
    const guards = ['isOpen', { type: 'isLate', params: {} }, function isRich() {}, () => true];
    const node = machineNode({ initial: 'a', states: { a: {} } });
    const guarded = { ...node, transitions: new Map([['GO', guards.map((guard) => ({ target: undefined, actions: [], guard }))]]) };
    expect(readDiagram(guarded).transitions.map(({ guard }) => guard)).toEqual(['isOpen', 'isLate', 'isRich', 'a function']);
  });

  it('refuses a type of state that would not be drawn', () => {
    expect(() => readDiagram(machineNode({ states: { back: { type: 'history' } } }))).toThrow('back: a state of type history');
  });

  it('reads the connection machine whole: every event of it has a transition', () => {
    const events = allStates(readDiagram(connectionMachine.root)).flatMap(({ transitions }) => transitions.map(({ event }) => event));
    expect(new Set(events)).toEqual(new Set(connectionMachine.events));
  });
});
