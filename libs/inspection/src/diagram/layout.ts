// What a layout library is asked, and what it answers: ELK's JSON (https://eclipse.dev/elk/documentation/tooldevelopers/graphdatastructure/jsonformat.html).
// The library itself is brought by whoever draws: a page in a worker, a tool in its process.
//
//     const placed = await new ELK().layout(layoutInput(readDiagram(machine.root)));
//     const svg = svgDiagram(root, placed, {standalone: true});
//
// Text is set in a monospaced face, so that its size is known without a screen.

import { allStates, type DiagramState } from './diagram-model.ts';

/** A box; in the answer with its place, from the top left corner of the whole. */
export interface LayoutNode {
  id: string;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  layoutOptions?: Record<string, string>;
  children?: LayoutNode[];
  edges?: LayoutEdge[];
}

export interface LayoutEdge {
  id: string;
  sources: string[];
  targets: string[];
  labels?: { text?: string; width?: number; height?: number; x?: number; y?: number }[];
  sections?: { id: string; startPoint: Point; endPoint: Point; bendPoints?: Point[] }[];
}

export interface Point {
  x: number;
  y: number;
}

/** In pixels. A character is as wide as that of every common monospaced face: 0.6 of its height. */
export const metrics = { stateText: 13, eventText: 11, lineHeight: 14, statePadding: 12, headerHeight: 30, initialSize: 10 } as const;

/** Where what holds in every state is drawn from; the machine's own id is on it. */
export const anyStateLabel = 'any state';

const options = {
  'elk.algorithm': 'layered',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '32',
};

/** Of each box: the state that begins stands first, because nothing but a dot leads to it, and ways back are drawn as such. */
const fromTheBeginning = { 'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST' };

/**
 * The question: boxes inside boxes, and one edge for each pair of states, labelled with all events that lead from one to the other.
 * `direction` is where time goes: to the right on a wide screen, down on a narrow one.
 */
export function layoutInput(root: DiagramState, direction: 'RIGHT' | 'DOWN' = 'RIGHT'): LayoutNode {
  const ids = new Map(allStates(root).map(({ path, id }) => [path, id]));
  const children = inside(root);
  // The machine around all states is not drawn. If something holds in every state, a box of its own stands for it.
  if (root.transitions.some(({ target }) => target !== null)) children.push(box(root.id, anyStateLabel));
  const edges = allStates(root).flatMap((state) => [...initialEdge(state, ids), ...transitionEdges(state, ids)]);
  return { id: 'diagram', layoutOptions: { ...options, ...fromTheBeginning, 'elk.direction': direction }, children, edges };
}

export function initialId(state: DiagramState): string {
  return `${state.id}#initial`;
}

/** Events by the path of their target, in document order; without those that only run actions. */
export function eventsByTarget({ transitions }: DiagramState): Map<string, string[]> {
  const events = new Map<string, string[]>();
  for (const { event, target } of transitions) {
    if (target === null) continue;
    const known = events.get(target);
    if (known === undefined) events.set(target, [event]);
    else known.push(event);
  }
  return events;
}

export function edgeId(source: string, target: string): string {
  return `${source}→${target}`;
}

function inside(state: DiagramState): LayoutNode[] {
  const children = state.children.map((child) => {
    const node = box(child.id, child.key, child.tags);
    if (child.children.length === 0) return node;
    const { headerHeight, statePadding } = metrics;
    const padding = `[top=${headerHeight + statePadding},left=${statePadding},bottom=${statePadding},right=${statePadding}]`;
    const size = `(${node.width},${node.height})`;
    const layoutOptions = { ...fromTheBeginning, 'elk.padding': padding, 'elk.nodeSize.constraints': 'MINIMUM_SIZE', 'elk.nodeSize.minimum': size };
    return { id: node.id, layoutOptions, children: inside(child) };
  });
  if (state.initial === null) return children;
  const { initialSize } = metrics;
  return [{ id: initialId(state), width: initialSize, height: initialSize }, ...children];
}

/** A state of this name, with its tags in a line below. */
function box(id: string, name: string, tags: readonly string[] = []): LayoutNode {
  const { stateText, eventText, lineHeight, statePadding, headerHeight } = metrics;
  const text = Math.max(textWidth(name, stateText), textWidth(tags.join(' '), eventText));
  return { id, width: Math.ceil(text + 2 * statePadding), height: headerHeight + (tags.length === 0 ? 0 : lineHeight) };
}

function initialEdge(state: DiagramState, ids: ReadonlyMap<string, string>): LayoutEdge[] {
  const target = state.initial === null ? undefined : ids.get(state.initial);
  return target === undefined ? [] : [{ id: edgeId(initialId(state), target), sources: [initialId(state)], targets: [target] }];
}

function transitionEdges(state: DiagramState, ids: ReadonlyMap<string, string>): LayoutEdge[] {
  const { eventText, lineHeight } = metrics;
  return [...eventsByTarget(state)].map(([path, events]) => {
    const target = ids.get(path) ?? path;
    const width = Math.ceil(Math.max(...events.map((event) => textWidth(event, eventText))));
    const label = { text: events.join('\n'), width, height: events.length * lineHeight };
    return { id: edgeId(state.id, target), sources: [state.id], targets: [target], labels: [label] };
  });
}

function textWidth(text: string, size: number): number {
  return text.length * size * 0.6;
}
