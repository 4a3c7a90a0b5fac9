// The charts, laid out as the gateway would: ELK in this process, each variant once.

import { connectionMachine, connectorMachine, listenerMachine } from '@sluice/connection';
import { layoutInput, readDiagram, svgDiagram, type LayoutNode, type MachineNode } from '@sluice/inspection';
import Elk from 'elkjs';

const machines = new Map<string, { readonly root: unknown }>([
  ['connection', connectionMachine],
  ['listener', listenerMachine],
  ['connector', connectorMachine],
]);
const known = new Map<string, Promise<object>>();

export function chartIds(): string[] {
  return [...machines.keys()];
}

/** The answer to `GET /inspection/charts/{id}`; `null` for a chart there is not. */
export function chartDocument(id: string, direction: 'RIGHT' | 'DOWN', labels: boolean): Promise<object> | null {
  const machine = machines.get(id);
  if (machine === undefined) return null;
  const key = `${id} ${direction} ${labels}`;
  let document = known.get(key);
  if (document === undefined) {
    document = layOut(id, readDiagram(machine.root as MachineNode), direction, labels);
    known.set(key, document);
  }
  return document;
}

async function layOut(id: string, root: ReturnType<typeof readDiagram>, direction: 'RIGHT' | 'DOWN', labels: boolean): Promise<object> {
  const input = layoutInput(root, direction);
  if (!labels) for (const edge of input.edges ?? []) delete edge.labels;
  const elk = new (Elk as unknown as new () => { layout(graph: LayoutNode): Promise<LayoutNode> })();
  return { id, title: `The chart ${id}`, svg: svgDiagram(root, await elk.layout(input)) };
}
