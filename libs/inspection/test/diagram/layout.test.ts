import { connectionMachine } from '@sluice/connection';
import Elk from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { allStates, readDiagram } from '../../src/diagram/diagram-model.ts';
import { edgeId, eventsByTarget, layoutInput, type LayoutNode } from '../../src/diagram/layout.ts';
import { svgDiagram } from '../../src/diagram/svg.ts';
import { machineNode, smallChart } from '../support/small-chart.ts';

function flat(node: LayoutNode): LayoutNode[] {
  return [node, ...(node.children ?? []).flatMap(flat)];
}

describe('the question to a layout library', () => {
  const root = readDiagram(smallChart);
  const input = layoutInput(root);

  it('nests boxes as states are nested, with a dot where each compound state begins', () => {
    const tree = ({ id, children }: LayoutNode): unknown => (children === undefined ? id : { [id]: children.map(tree) });
    expect(input.children?.map(tree)).toEqual([
      'machine#initial',
      {
        'machine.open': [
          { 'machine.open.left': ['machine.open.left#initial', 'machine.open.left.on'] },
          { 'machine.open.right': ['machine.open.right#initial', 'machine.open.right.off'] },
        ],
      },
      'machine.gone',
      'machine',
    ]);
  });

  it('has one edge for each pair of states, with a line for each event', () => {
    expect(input.edges?.map(({ id, labels }) => [id, labels?.[0]?.text])).toEqual([
      [edgeId('machine#initial', 'machine.open'), undefined],
      [edgeId('machine', 'machine.gone'), 'ABORT'],
      [edgeId('machine.open', 'machine.gone'), 'TIMEOUT.idle\nCLOSE'],
      [edgeId('machine.open.left#initial', 'machine.open.left.on'), undefined],
      [edgeId('machine.open.right#initial', 'machine.open.right.off'), undefined],
    ]);
    const [, , two] = input.edges!;
    expect(two.labels![0].height).toBe(28);
  });

  it('leaves room for names and tags', () => {
    const sizes = new Map(flat(input).map(({ id, width, height }) => [id, [width ?? 0, height ?? 0]]));
    const [offWidth, offHeight] = sizes.get('machine.open.right.off')!;
    const [onWidth, onHeight] = sizes.get('machine.open.left.on')!;
    expect(onWidth).toBeGreaterThan(offWidth);
    expect(onHeight).toBeGreaterThan(offHeight);
  });

  it('goes to the right, or down where it is told to', () => {
    expect(input.layoutOptions?.['elk.direction']).toBe('RIGHT');
    expect(layoutInput(root, 'DOWN').layoutOptions?.['elk.direction']).toBe('DOWN');
  });

  it('has no box for every state where nothing holds everywhere', () => {
    const plain = layoutInput(readDiagram(machineNode({ initial: 'a', states: { a: { on: { GO: ['b'] } }, b: {} } })));
    expect(plain.children?.map(({ id }) => id)).toEqual(['machine#initial', 'machine.a', 'machine.b']);
  });

  it('has every state of the connection chart once, and edges between states that it has', () => {
    const chart = readDiagram(connectionMachine.root);
    const question = layoutInput(chart);
    const ids = flat(question).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of allStates(chart)) expect(ids).toContain(id);
    for (const { sources, targets } of question.edges!) for (const end of [...sources, ...targets]) expect(ids).toContain(end);
    expect(new Set(question.edges!.map(({ id }) => id)).size).toBe(question.edges!.length);
  });
});

describe('events by target', () => {
  it('leaves out those that only run actions', () => {
    const states = allStates(readDiagram(smallChart));
    expect(states.map((state) => Object.fromEntries(eventsByTarget(state)))).toEqual([
      { gone: ['ABORT'] }, { gone: ['TIMEOUT.idle', 'CLOSE'] }, {}, {}, {}, {}, {},
    ]);
  });
});

describe('the answer of ELK', () => {
  it.each(['RIGHT', 'DOWN'] as const)('has each state of the connection chart inside the one around it, drawn (%s)', async (direction) => {
    const chart = readDiagram(connectionMachine.root);
    const placed: LayoutNode = await new Elk.default().layout(layoutInput(chart, direction));
    const check = (node: LayoutNode) => {
      for (const child of node.children ?? []) {
        expect(child.x! >= node.x! && child.x! + child.width! <= node.x! + node.width!, child.id).toBe(true);
        expect(child.y! >= node.y! && child.y! + child.height! <= node.y! + node.height!, child.id).toBe(true);
        check(child);
      }
    };
    check(placed);
    const svg = svgDiagram(chart, placed);
    for (const { id } of allStates(chart)) expect(svg).toContain(`data-id="${id}"`);
    expect(svg).not.toMatch(/undefined|NaN/);
  });
});
