// A chart's picture as a file: ELK places the states, from above to below, and `svgDiagram` draws what it says. The same chart always gives
// the same text: nothing in it depends on the time, the machine or chance.
//
// ELK would set the regions of a parallel state side by side, and make the picture wider than a page that shows it. An edge between one
// region and the next, which is not drawn, sets them below one another.

import { allStates, layoutInput, svgDiagram, type DiagramState, type LayoutEdge } from '@sluice/inspection';
import elk from 'elkjs/lib/elk.bundled.js';

// The package is CommonJS with a default export of its own.
const ELK = elk as unknown as typeof elk.default;

export async function drawChart(root: DiagramState): Promise<string> {
  const input = layoutInput(root, 'DOWN');
  const placed = await new ELK().layout({ ...input, edges: [...(input.edges ?? []), ...regionOrder(root)] });
  return svgDiagram(root, placed, { standalone: true });
}

/** One edge from each region of a parallel state to the next. */
export function regionOrder(root: DiagramState): LayoutEdge[] {
  return allStates(root)
    .filter(({ type }) => type === 'parallel')
    .flatMap(({ children }) => children.slice(1).map(({ id }, i) => ({ id: `${children[i]!.id} before ${id}`, sources: [children[i]!.id], targets: [id] })));
}
