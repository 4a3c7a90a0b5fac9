// Drawings of the charts: laid out when somebody first asks, and kept. A page draws the graph itself or takes the SVG; in both a state's id is
// XState's, as snapshots and events name it.

import { allStates, layoutInput, svgDiagram, type LayoutEdge, type LayoutNode } from '@sluice/inspection';
import { chartDiagram, chartEvents, chartTitle, type ChartId, type DiagramState } from './charts.ts';
import type { LayOut } from './chart-layout.ts';

export type Direction = 'RIGHT' | 'DOWN';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface GraphNode extends Box {
  readonly id: string;
  /** The box around it; null at the top. */
  readonly parentId: string | null;
  readonly label: string;
  /** Besides XState's: `initial` is the dot a region begins at, `any` stands for whatever state it is. */
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'initial' | 'any';
  readonly description: string;
  readonly tags: readonly string[];
}

export interface GraphEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** None from an initial dot, and in a drawing without labels. */
  readonly events: readonly string[];
  /** Where the events stand, one to a line. */
  readonly label: Box | null;
  readonly points: readonly Point[];
}

export interface ChartDrawing {
  readonly id: ChartId;
  readonly title: string;
  readonly events: readonly string[];
  readonly graph: { readonly width: number; readonly height: number; readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] };
  readonly svg: string;
}

export class ChartDrawings {
  readonly #layOut: LayOut;
  readonly #drawings = new Map<string, Promise<ChartDrawing>>();

  constructor(layOut: LayOut) {
    this.#layOut = layOut;
  }

  /** `hasLabels`: with the events beside the transitions, which takes nearly twice the space. */
  drawing(id: ChartId, direction: Direction, hasLabels = true): Promise<ChartDrawing> {
    const key = `${id} ${direction} ${hasLabels}`;
    let drawing = this.#drawings.get(key);
    if (drawing === undefined) {
      drawing = draw(id, direction, hasLabels, this.#layOut);
      this.#drawings.set(key, drawing);
      // What failed is tried again by who asks next.
      drawing.catch(() => this.#drawings.delete(key));
    }
    return drawing;
  }
}

async function draw(id: ChartId, direction: Direction, hasLabels: boolean, layOut: LayOut): Promise<ChartDrawing> {
  const root = chartDiagram(id);
  const input = layoutInput(root, direction);
  if (!hasLabels) for (const edge of input.edges ?? []) delete edge.labels;
  const placed = await layOut(input);
  const { width = 0, height = 0, edges = [] } = placed;
  const states = new Map(allStates(root).map((state) => [state.id, state]));
  const nodes = (placed.children ?? []).flatMap((node) => nodesOf(node, null, root, states));
  return {
    id,
    title: chartTitle(id),
    events: chartEvents(root),
    graph: { width, height, nodes, edges: edges.map(edgeOf) },
    svg: svgDiagram(root, placed),
  };
}

function nodesOf(node: LayoutNode, parentId: string | null, root: DiagramState, states: ReadonlyMap<string, DiagramState>): GraphNode[] {
  const { id, x = 0, y = 0, width = 0, height = 0, children = [] } = node;
  const state = states.get(id);
  const common = { id, parentId, x, y, width, height };
  const drawn: GraphNode =
    state === undefined
      ? { ...common, label: '', type: 'initial', description: '', tags: [] }
      : state === root
        ? { ...common, label: 'any state', type: 'any', description: '', tags: [] }
        : { ...common, label: state.key, type: state.type, description: state.description, tags: state.tags };
  return [drawn, ...children.flatMap((child) => nodesOf(child, id, root, states))];
}

function edgeOf({ id, sources, targets, labels = [], sections = [] }: LayoutEdge): GraphEdge {
  const [label] = labels;
  const { text = '', x = 0, y = 0, width = 0, height = 0 } = label ?? {};
  return {
    id,
    source: sources[0] ?? '',
    target: targets[0] ?? '',
    events: text === '' ? [] : text.split('\n'),
    label: label === undefined ? null : { x, y, width, height },
    points: sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]),
  };
}
