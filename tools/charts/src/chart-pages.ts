// The page of each chart: what steps through it, its picture, and everything in it as tables.

import { connectionMachine, connectorMachine, listenerMachine } from '@sluice/connection';
import { deadlineTable, eventTable, guardTable, readDiagram, stateTable, transitionTable, type MachineNode } from '@sluice/inspection';
import { deadlineNames } from '@sluice/timing';
import { drawChart } from './drawing.ts';
import { notice, type GeneratedDocument } from './generated.ts';

export interface ChartPage {
  /** The page's and the picture's file name, without the ending. */
  readonly name: string;
  /** What steps through it, and where that is done. */
  readonly introduction: string;
  /** What tags say; empty for a chart without. */
  readonly tags: string;
  /** Who says how long the deadlines are. */
  readonly deadlines: string;
  readonly deadlineNames: readonly string[];
  readonly machine: { readonly root: MachineNode };
}

export const chartPages: readonly ChartPage[] = [
  {
    name: 'connection',
    introduction: `Every connection steps through this machine, [\`libs/connection/src/chart.ts\`](../../libs/connection/src/chart.ts). It is the only place
where life cycle is decided; no event is sent per message. [Architecture](../architecture.md#the-chart) says how it is run.`,
    tags: 'A state with the tag `paused` does not read from the transport; one with `discarding` reads and drops. With neither, bytes go to the session.',
    deadlines: `The driver says how long each is, and arms \`handshake\` again for each later request of a connection
and \`idle\` at each arrival of bytes. Those without a state are for roles that a server's connection does not have.`,
    deadlineNames,
    machine: connectionMachine,
  },
  {
    name: 'listener',
    introduction: `Every listener steps through this machine, [\`libs/connection/src/listener-chart.ts\`](../../libs/connection/src/listener-chart.ts). Binding,
accepting and the pauses between attempts are done by its [supervisor](../../libs/supervision/README.md), which reports here how they came out.`,
    tags: '',
    deadlines: 'It is `timeouts.listenTimeoutMs`, and begins anew with each connection that is accepted. A listener without it stays `active`.',
    deadlineNames: ['listen'],
    machine: listenerMachine,
  },
  {
    name: 'connector',
    introduction: `Every outbound connector steps through this machine, [\`connector-chart.ts\`](../../libs/connection/src/connector/connector-chart.ts). While it is
\`handshaking\`, \`connected\` or \`stopping\` there is a connection, which has [a chart of its own](connection.md).
[Its guide](../../libs/connection/CONNECTOR.md) says how it is used.`,
    tags: '',
    deadlines: 'The connector says how long each is: `reconnect` by its backoff, the others by its time-outs.',
    deadlineNames: ['dnsResolve', 'connecting', 'handshake', 'reconnect'],
    machine: connectorMachine,
  },
];

/** The page, and the picture in it. */
export async function generateChart(page: ChartPage): Promise<GeneratedDocument[]> {
  const svg = await drawChart(readDiagram(page.machine.root));
  return [
    { path: `docs/charts/${page.name}.md`, text: chartText(page) },
    { path: `docs/charts/${page.name}.svg`, text: svg },
  ];
}

export function chartText({ name, introduction, tags, deadlines, deadlineNames, machine }: ChartPage): string {
  const root = readDiagram(machine.root);
  const guards = guardTable(root) ?? 'None. What an event does depends on nothing but the state it comes in.';
  return `${notice}

# The ${name} chart

${introduction}

![The states of the ${name} chart and the events that lead from one to another; the tables below say the same.](${name}.svg)

An arrow from \`any state\` holds in every state; an arrow from a state with others inside it, in all of these. In a parallel state, each region
(with a dashed border) is in one of its states. \`sluice diagram --chart ${name}\` writes the chart in other forms.

## States

${tags === '' ? '' : `${tags}\n\n`}${stateTable(root)}

## Events

An event that the current state has no way for is ignored.

${eventTable(root)}

## Transitions

Actions run in the order: on exit of what is left, the transition's own, on entry of what is entered.

${transitionTable(root)}

## Guards

${guards}

## Deadlines

Each fires \`TIMEOUT.<name>\`. ${deadlines}

${deadlineTable(root, deadlineNames)}
`;
}
