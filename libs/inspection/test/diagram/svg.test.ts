import { describe, expect, it } from 'vitest';
import { readDiagram } from '../../src/diagram/diagram-model.ts';
import { layoutInput, type LayoutEdge, type LayoutNode } from '../../src/diagram/layout.ts';
import { svgDiagram } from '../../src/diagram/svg.ts';
import { smallChart } from '../support/small-chart.ts';

const root = readDiagram(smallChart);

/** A layout that is none: everything in one line, edges between corners. Enough to see that places are taken over. */
function place(input: LayoutNode): LayoutNode {
  let x = 0;
  const put = (node: LayoutNode): LayoutNode => ({
    ...node,
    x: (x += 10),
    y: 5,
    width: node.width ?? 500,
    height: node.height ?? 60,
    ...(node.children === undefined ? {} : { children: node.children.map(put) }),
  });
  const edge = (each: LayoutEdge): LayoutEdge => ({
    ...each,
    ...(each.labels === undefined ? {} : { labels: each.labels.map((label) => ({ ...label, x: 7, y: 70 })) }),
    sections: [{ id: each.id, startPoint: { x: 1, y: 2 }, bendPoints: [{ x: 1.23456, y: 4 }], endPoint: { x: 5, y: 4 } }],
  });
  return { ...put(input), edges: input.edges!.map(edge) };
}

const svg = svgDiagram(root, place(layoutInput(root)));

describe('the drawing', () => {
  it('has each state by its id, inner ones after those around them, and the box for what holds everywhere', () => {
    expect([...svg.matchAll(/class="(state[^"]*)" data-id="([^"]+)"/g)].map(([, classes, id]) => `${classes}: ${id}`)).toEqual([
      'state any: machine',
      'state parallel: machine.open',
      'state compound region: machine.open.left',
      'state atomic: machine.open.left.on',
      'state compound region: machine.open.right',
      'state atomic: machine.open.right.off',
      'state final: machine.gone',
    ]);
  });

  it('has each transition by its ends, with its events and its way', () => {
    expect(svg).toContain('<g class="transition" data-source="machine.open" data-target="machine.gone" data-events="TIMEOUT.idle CLOSE">');
    expect(svg).toContain('<path d="M1,2 1.2,4 5,4" marker-end="url(#machine-arrow)"/>');
    expect(svg).toContain('<tspan x="7" y="80.5">TIMEOUT.idle</tspan><tspan x="7" y="94.5">CLOSE</tspan>');
  });

  it('has descriptions as titles, tags, and a dot where each compound state begins', () => {
    expect(svg).toContain('<title>In use | or not.</title>');
    expect(svg).toContain('class="tags"');
    expect(svg.match(/<circle /g)).toHaveLength(3);
  });

  it('carries its style only as a file of its own', () => {
    expect(svg).not.toContain('style');
    expect(svgDiagram(root, place(layoutInput(root)), { standalone: true })).toContain('prefers-color-scheme:dark');
  });

  it('is well formed: every element that is opened is closed, in order', () => {
    const open: string[] = [];
    for (const [, closing, name, self] of svgDiagram(root, place(layoutInput(root)), { standalone: true }).matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (closing !== '') expect(open.pop()).toBe(name);
      else if (self === '') open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('is refused for the layout of another chart', () => {
    expect(() => svgDiagram(root, { id: 'diagram', children: [], edges: [] })).toThrow('machine.open has no place');
  });
});
