import { describe, expect, it } from 'vitest';
import { readDiagram } from '../../src/diagram/diagram-model.ts';
import { mermaidDiagram } from '../../src/diagram/mermaid.ts';
import { machineNode, smallChart } from '../support/small-chart.ts';

describe('mermaidDiagram', () => {
  it('draws nesting, regions side by side, the first and the last state, and one arrow per target', () => {
    expect(mermaidDiagram(readDiagram(smallChart))).toBe(`stateDiagram-v2
    [*] --> open
    state "open" as open {
        state "left" as open_left {
            [*] --> open_left_on
            state "on" as open_left_on
        }
        --
        state "right" as open_right {
            [*] --> open_right_off
            state "off" as open_right_off
        }
    }
    state "gone" as gone
    gone --> [*]
    state "any state" as anyState
    anyState --> gone: ABORT
    open --> gone: TIMEOUT.idle, CLOSE`);
  });

  it('draws no node for every state when nothing holds everywhere', () => {
    const diagram = mermaidDiagram(readDiagram(machineNode({ initial: 'a', states: { a: { on: { GO: ['b'] } }, b: {} } })));
    expect(diagram).not.toContain('any state');
    expect(diagram).toContain('a --> b: GO');
  });
});
