import { expect, it } from 'vitest';
import type { TreeNode } from '../../src/api/documents.ts';
import { branchesOf, type Branch } from '../../src/supervision/tree-order.ts';

const node = (sessionId: string, parentId: string | null): TreeNode => ({ sessionId, parentId, kind: 'worker', label: sessionId, machine: null, state: null, activeStates: [], restarts: 0, connections: null });
const shape = (branches: readonly Branch[]): unknown[] => branches.map(({ node, children }) => (children.length === 0 ? node.sessionId : [node.sessionId, shape(children)]));

it('children stand below their parents, in the order of the list', () => {
  const nodes = [node('listener', 'gateway'), node('gateway', null), node('worker', 'listener'), node('hub', 'gateway')];
  expect(shape(branchesOf(nodes))).toEqual([['gateway', [['listener', ['worker']], 'hub']]]);
});

it('one whose parent is not told is a root; a circle is left out', () => {
  expect(shape(branchesOf([node('a', 'gone'), node('b', 'c'), node('c', 'b')]))).toEqual(['a']);
});
