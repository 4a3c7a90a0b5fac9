import { describe, expect, it } from 'vitest';
import { readDiagram } from '../../src/diagram/diagram-model.ts';
import { deadlineTable, eventTable, guardTable, stateTable, transitionTable } from '../../src/diagram/tables.ts';
import { smallChart } from '../support/small-chart.ts';

const root = readDiagram(smallChart);

describe('stateTable', () => {
  it('has a row for each state but the machine, and no cell that breaks the table', () => {
    const rows = stateTable(root).split('\n').slice(2);
    expect(rows).toHaveLength(6);
    expect(rows[0]).toBe('| `open` | In use \\| or not. | – | `arm idle` | `disarm idle` |');
    expect(rows[2]).toBe('| `open.left.on` | – | `paused` | – | – |');
  });
});

describe('transitionTable', () => {
  it('has a row for each state and event, those of every state first', () => {
    expect(transitionTable(root).split('\n').slice(2)).toEqual([
      '| any | `ABORT` | `gone` | `log` |',
      '| `open` | `TIMEOUT.idle` | `gone` | – |',
      '| `open` | `CLOSE` | `gone` | `log` |',
      '| `open.left.on` | `POKE` | stays | `log` |',
    ]);
  });
});

describe('eventTable', () => {
  it('has a row for each event, with every state it counts in', () => {
    expect(eventTable(root).split('\n').slice(2)).toEqual([
      '| `ABORT` | any → `gone` |',
      '| `TIMEOUT.idle` | `open` → `gone` |',
      '| `CLOSE` | `open` → `gone` |',
      '| `POKE` | `open.left.on` → stays |',
    ]);
  });
});

describe('guardTable', () => {
  it('is nothing for a chart without guards', () => {
    expect(guardTable(root)).toBeNull();
  });

  it('has a row for each transition that has one', () => {
    const [first] = root.transitions;
    expect(guardTable({ ...root, transitions: [{ ...first!, guard: 'isLate' }] })?.split('\n').slice(2)).toEqual(['| any | `ABORT` | `isLate` | `gone` |']);
  });
});

describe('deadlineTable', () => {
  it('says where each is armed, cancelled and handled, and names those that are not used', () => {
    expect(deadlineTable(root, ['idle', 'reconnect']).split('\n').slice(2)).toEqual([
      '| `idle` | `open` | on exit of `open` | `open` → `gone` |',
      '| `reconnect` | – | – | – |',
    ]);
  });
});
