// A machine with one of everything that charts draw: compound, parallel, final, a transition without a target, an action without
// parameters, two events to the same target.

import type { MachineNode } from '../../src/diagram/diagram-model.ts';

interface Spec {
  readonly type?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly entry?: readonly unknown[];
  readonly exit?: readonly unknown[];
  readonly initial?: string;
  readonly on?: Readonly<Record<string, readonly [target: string | null, ...actions: unknown[]]>>;
  readonly states?: Readonly<Record<string, Spec>>;
}

export function machineNode(spec: Spec, path: readonly string[] = []): MachineNode {
  const { type = spec.states === undefined ? 'atomic' : 'compound', description, tags = [], entry = [], exit = [], initial, on = {}, states = {} } = spec;
  const at = (target: string) => [{ path: target.split('.') }];
  return {
    id: ['machine', ...path].join('.'),
    key: path.at(-1) ?? 'machine',
    path,
    type,
    description,
    tags,
    entry,
    exit,
    initial: { target: initial === undefined ? undefined : [{ path: [...path, initial] }] },
    transitions: new Map(
      Object.entries(on).map(([event, [target, ...actions]]) => [event, [{ target: target === null ? undefined : at(target), actions }]]),
    ),
    states: Object.fromEntries(Object.entries(states).map(([key, child]) => [key, machineNode(child, [...path, key])])),
  };
}

const arm = { type: 'arm', params: { timer: 'idle' } };
const disarm = { type: 'disarm', params: { timer: 'idle' } };

export const smallChart: MachineNode = machineNode({
  initial: 'open',
  on: { ABORT: ['gone', 'log'] },
  states: {
    open: {
      type: 'parallel',
      description: 'In use | or not.',
      entry: [arm],
      exit: [disarm],
      on: { 'TIMEOUT.idle': ['gone'], CLOSE: ['gone', { type: 'log', params: undefined }] },
      states: {
        left: { initial: 'on', states: { on: { tags: ['paused'], on: { POKE: [null, 'log'] } } } },
        right: { initial: 'off', states: { off: {} } },
      },
    },
    gone: { type: 'final' },
  },
});
