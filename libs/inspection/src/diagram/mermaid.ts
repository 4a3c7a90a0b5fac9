// A chart as a Mermaid `stateDiagram-v2`, which GitHub and most editors draw. Regions of a parallel state are composite states
// side by side; what holds in every state is drawn from one node, `any state`, so that the picture stays readable.

import { allStates, type DiagramState } from './diagram-model.ts';

const step = '    ';

/** The diagram's source, without the fence around it. */
export function mermaidDiagram(root: DiagramState): string {
  const lines = ['stateDiagram-v2', ...body(root, 1)];
  const everywhere = edges(root, 'anyState');
  if (everywhere.length > 0) lines.push(`${step}state "any state" as anyState`, ...everywhere.map((edge) => step + edge));
  for (const state of allStates(root)) {
    if (state !== root) lines.push(...edges(state, idOf(state.path)).map((edge) => step + edge));
  }
  return lines.join('\n');
}

/** Declares what is inside a state. */
function body(state: DiagramState, depth: number): string[] {
  const indent = step.repeat(depth);
  const lines: string[] = [];
  if (state.initial !== null) lines.push(`${indent}[*] --> ${idOf(state.initial)}`);
  state.children.forEach((child, index) => {
    if (state.type === 'parallel' && index > 0) lines.push(`${indent}--`);
    const name = `${indent}state "${child.key}" as ${idOf(child.path)}`;
    if (child.children.length === 0) lines.push(name);
    else lines.push(`${name} {`, ...body(child, depth + 1), `${indent}}`);
    if (child.type === 'final') lines.push(`${indent}${idOf(child.path)} --> [*]`);
  });
  return lines;
}

/** One arrow per target, labelled with all events that lead there. */
function edges({ transitions }: DiagramState, from: string): string[] {
  const events = new Map<string, string[]>();
  for (const { event, target } of transitions) {
    if (target === null) continue;
    const known = events.get(target);
    if (known === undefined) events.set(target, [event]);
    else known.push(event);
  }
  return [...events].map(([target, names]) => `${from} --> ${idOf(target)}: ${names.join(', ')}`);
}

function idOf(path: string): string {
  return path.replaceAll('.', '_');
}
