// A chart that has been laid out, as SVG text. Each state is a group with `data-id`, XState's id of it: a page that shows a live
// connection sets the class `active` on those of its snapshot, and `taken` on the transition (`data-source`, `data-target`) of its last step.

import { allStates, type DiagramState } from './diagram-model.ts';
import { anyStateLabel, edgeId, eventsByTarget, initialId, metrics, type LayoutEdge, type LayoutNode, type Point } from './layout.ts';
import { escapeXml } from './xml.ts';

export interface SvgOptions {
  /** A file of its own: with its style, light and dark. Without, the page styles the classes (and need not allow inline styles). */
  readonly standalone?: boolean;
}

const margin = 8;

const style = `svg{--line:#57606a;--text:#1f2328;--box:#fff;--region:#f6f8fa;--active:#0969da;background:#fff;font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media(prefers-color-scheme:dark){svg{--line:#8b949e;--text:#e6edf3;--box:#161b22;--region:#0d1117;--active:#58a6ff;background:#0d1117}}
rect{fill:var(--box);stroke:var(--line)}.compound>rect,.parallel>rect{fill:var(--region)}.region>rect{stroke-dasharray:5 4}.final>rect{stroke-width:3}.any>rect{stroke-dasharray:2 3}
text{fill:var(--text);font-size:${metrics.stateText}px}.tags,.transition text{font-size:${metrics.eventText}px;opacity:.85}
path{fill:none;stroke:var(--line)}circle,marker path{fill:var(--line);stroke:none}.active>rect{stroke:var(--active);stroke-width:2}.taken path{stroke:var(--active);stroke-width:2}`;

/** `placed` is the answer to `layoutInput(root)`. */
export function svgDiagram(root: DiagramState, placed: LayoutNode, options: SvgOptions = {}): string {
  const nodes = new Map<string, LayoutNode>();
  collect(placed, nodes);
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const states = allStates(root);
  const ids = new Map(states.map(({ path, id }) => [path, id]));
  const [width, height] = [(placed.width ?? 0) + 2 * margin, (placed.height ?? 0) + 2 * margin];
  // An arrow's head has an id of its own in each drawing, because a page may show several.
  const head = `${root.id}-arrow`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${round(width)}" height="${round(height)}" viewBox="${-margin} ${-margin} ${round(width)} ${round(height)}">`,
    `<title>${escapeXml(`The chart ${root.id}`)}</title>`,
    ...(options.standalone === true ? [`<style>${style}</style>`] : []),
    `<defs><marker id="${escapeXml(head)}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 8,4 0,8z"/></marker></defs>`,
    ...states.flatMap((state) => (state === root ? anyState(root, nodes) : box(state, isRegion(state, states), nodes))),
    ...states.flatMap((state) => initial(state, ids, nodes, edges, head)),
    ...states.flatMap((state) => transitions(state, ids, edges, head)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function collect(node: LayoutNode, into: Map<string, LayoutNode>): void {
  into.set(node.id, node);
  for (const child of node.children ?? []) collect(child, into);
}

function isRegion(state: DiagramState, states: readonly DiagramState[]): boolean {
  return states.some((parent) => parent.type === 'parallel' && parent.children.includes(state));
}

function box(state: DiagramState, region: boolean, nodes: ReadonlyMap<string, LayoutNode>): string[] {
  const node = nodes.get(state.id);
  if (node === undefined) throw new Error(`${state.id} has no place in the layout`);
  const classes = ['state', state.type, ...(region ? ['region'] : [])].join(' ');
  const title = state.description === '' ? [] : [`<title>${escapeXml(state.description)}</title>`];
  return group(node, classes, state.id, title, state.key, state.children.length > 0, state.tags);
}

function anyState(root: DiagramState, nodes: ReadonlyMap<string, LayoutNode>): string[] {
  const node = nodes.get(root.id);
  return node === undefined ? [] : group(node, 'state any', root.id, [], anyStateLabel, false, []);
}

/** The name stands in the middle of a state, at the left above what is inside it. */
function group(node: LayoutNode, classes: string, id: string, title: string[], name: string, around: boolean, tags: readonly string[]): string[] {
  const { x = 0, y = 0, width = 0, height = 0 } = node;
  const { headerHeight, statePadding, stateText, eventText } = metrics;
  const textX = around ? x + statePadding : x + width / 2;
  const anchor = around ? '' : ' text-anchor="middle"';
  const baseline = y + headerHeight / 2 + stateText / 3;
  const tagLine = tags.length === 0 ? [] : [`<text class="tags" x="${round(textX)}" y="${round(baseline + eventText + 3)}"${anchor}>${escapeXml(tags.join(' '))}</text>`];
  return [
    `<g class="${classes}" data-id="${escapeXml(id)}">`,
    ...title,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6"/>`,
    `<text x="${round(textX)}" y="${round(baseline)}"${anchor}>${escapeXml(name)}</text>`,
    ...tagLine,
    '</g>',
  ];
}

function initial(
  state: DiagramState,
  ids: ReadonlyMap<string, string>,
  nodes: ReadonlyMap<string, LayoutNode>,
  edges: ReadonlyMap<string, LayoutEdge>,
  head: string,
): string[] {
  const node = nodes.get(initialId(state));
  const edge = state.initial === null ? undefined : edges.get(edgeId(initialId(state), ids.get(state.initial) ?? ''));
  if (node === undefined || edge === undefined) return [];
  const radius = metrics.initialSize / 2;
  const dot = `<circle cx="${round((node.x ?? 0) + radius)}" cy="${round((node.y ?? 0) + radius)}" r="${radius}"/>`;
  return [`<g class="initial">`, dot, ...paths(edge, head), '</g>'];
}

function transitions(state: DiagramState, ids: ReadonlyMap<string, string>, edges: ReadonlyMap<string, LayoutEdge>, head: string): string[] {
  return [...eventsByTarget(state)].flatMap(([path, events]) => {
    const target = ids.get(path) ?? path;
    const edge = edges.get(edgeId(state.id, target));
    if (edge === undefined) throw new Error(`${edgeId(state.id, target)} has no place in the layout`);
    const [label] = edge.labels ?? [];
    const { x = 0, y = 0 } = label ?? {};
    const spans = events.map((event, i) => `<tspan x="${round(x)}" y="${round(y + (i + 0.75) * metrics.lineHeight)}">${escapeXml(event)}</tspan>`);
    return [
      `<g class="transition" data-source="${escapeXml(state.id)}" data-target="${escapeXml(target)}" data-events="${escapeXml(events.join(' '))}">`,
      ...paths(edge, head),
      `<text>${spans.join('')}</text>`,
      '</g>',
    ];
  });
}

function paths({ sections = [] }: LayoutEdge, head: string): string[] {
  return sections.map(({ startPoint, bendPoints = [], endPoint }) => {
    const points = [startPoint, ...bendPoints, endPoint].map((point: Point) => `${round(point.x)},${round(point.y)}`);
    return `<path d="M${points.join(' ')}" marker-end="url(#${escapeXml(head)})"/>`;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
