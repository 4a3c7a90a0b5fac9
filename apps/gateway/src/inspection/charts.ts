// The charts that this process runs, as the inspector and the terminal show them: read from the machines themselves, laid out by ELK.

import { connectionMachine, connectorMachine, listenerMachine } from '@sluice/connection';
import { allStates, readDiagram, type MachineNode } from '@sluice/inspection';

export type DiagramState = ReturnType<typeof readDiagram>;

interface Chart {
  readonly title: string;
  readonly machine: { readonly root: MachineNode };
}

const charts = {
  connection: { title: 'Connection', machine: connectionMachine },
  listener: { title: 'Listener', machine: listenerMachine },
  connector: { title: 'Outbound connector', machine: connectorMachine },
} satisfies Record<string, Chart>;

export type ChartId = keyof typeof charts;

export const chartIds = Object.keys(charts) as readonly ChartId[];

/** For replays. */
export const machines = Object.values(charts).map(({ machine }) => machine);

export function isChartId(text: string): text is ChartId {
  return Object.hasOwn(charts, text);
}

export function chartTitle(id: ChartId): string {
  return charts[id].title;
}

export function chartDiagram(id: ChartId): DiagramState {
  return readDiagram(charts[id].machine.root);
}

/** Every event that the chart has a transition for, in document order. */
export function chartEvents(root: DiagramState): string[] {
  return [...new Set(allStates(root).flatMap(({ transitions }) => transitions.map(({ event }) => event)))];
}
