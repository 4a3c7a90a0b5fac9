import { connectionMachine, connectorMachine, listenerMachine } from '@sluice/connection';
import { allStates, readDiagram, type DiagramState, type MachineNode } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { drawChart, regionOrder } from '../src/drawing.ts';

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const charts: readonly (readonly [string, { readonly root: MachineNode }])[] = [
  ['connection', connectionMachine],
  ['listener', listenerMachine],
  ['connector', connectorMachine],
];

describe.each(charts)('the picture of the %s chart', (_name, machine) => {
  const root = readDiagram(machine.root);

  it('has every state, and every event at an arrow, and says which chart it is', async () => {
    const svg = await drawChart(root);
    const ids = [...svg.matchAll(/<g class="state[^"]*" data-id="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids.filter((id) => id !== root.id).toSorted()).toEqual(allStates(root).slice(1).map(({ id }) => id).toSorted());
    const shown = new Set([...svg.matchAll(/data-events="([^"]+)"/g)].flatMap(([, events]) => events!.split(' ')));
    const leading = allStates(root).flatMap(({ transitions }) => transitions.filter(({ target }) => target !== null).map(({ event }) => event));
    expect(shown).toEqual(new Set(leading));
    expect(svg).toContain(`<title>The chart ${root.id}</title>`);
  });

  it('is the same each time, and no wider than the page', async () => {
    const svg = await drawChart(root);
    expect(await drawChart(root)).toBe(svg);
    expect(Number(/ width="([\d.]+)"/.exec(svg)![1])).toBeLessThan(1100);
  });

  it('covers no name with another, nor with a state that it is not in', async () => {
    const svg = await drawChart(root);
    const names = [...svg.matchAll(/<tspan x="([\d.-]+)" y="([\d.-]+)">([^<]+)</g)].map(([, x, y, text]) => nameBox(Number(x), Number(y), text!));
    const leaves = new Set(allStates(root).filter(({ children }) => children.length === 0).map(({ id }) => id));
    const boxes = [...svg.matchAll(/data-id="([^"]+)">\n(?:<title>[^\n]*\n)?<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)]
      .filter(([, id]) => leaves.has(id!) || id === root.id)
      .map(([, , x, y, width, height]) => ({ left: Number(x), top: Number(y), right: Number(x) + Number(width), bottom: Number(y) + Number(height) }));
    expect(boxes.length).toBeGreaterThan(leaves.size - 1);
    expect(names.length).toBeGreaterThan(5);
    const all = [...names, ...boxes];
    for (const [i, one] of all.entries()) for (const other of all.slice(i + 1)) expect(overlap(one, other), JSON.stringify([one, other])).toBe(false);
  });
});

describe('the order of regions', () => {
  it('is an edge from each to the next, drawn by nobody', async () => {
    const root: DiagramState = readDiagram(connectionMachine.root);
    const [inbound, outbound] = ['connection.established.inbound', 'connection.established.outbound'];
    expect(regionOrder(root)).toMatchObject([{ sources: [inbound], targets: [outbound] }]);
    expect(regionOrder(readDiagram(listenerMachine.root))).toEqual([]);
    expect(await drawChart(root)).not.toContain(`data-source="${inbound}"`);
  });
});

/** Where a line of text stands: 11 pixels high, its characters 0.6 of that wide; `y` is its baseline. */
function nameBox(x: number, y: number, text: string): Box {
  return { left: x, top: y - 8, right: x + text.length * 6.6, bottom: y + 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
