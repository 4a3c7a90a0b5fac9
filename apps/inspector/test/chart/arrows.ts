// The arrows of the connection's chart, read from its machine.

import { connectionMachine } from '@sluice/connection';
import { allStates, readDiagram, type MachineNode } from '@sluice/inspection';
import type { Arrow } from '../../src/chart/transitions.ts';

export function connectionArrows(): Arrow[] {
  const states = allStates(readDiagram(connectionMachine.root as unknown as MachineNode));
  const ids = new Map(states.map(({ path, id }) => [path, id]));
  return states.flatMap(({ id, transitions }) =>
    transitions.flatMap(({ event, target }) => (target === null ? [] : [{ source: id, target: ids.get(target) ?? '', events: [event] }])),
  );
}
