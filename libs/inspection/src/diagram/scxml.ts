// A chart as SCXML (https://www.w3.org/TR/scxml/), the W3C's format, which other state chart tools read. Our actions are no executable
// content of SCXML's own; they stand there as elements of a namespace of ours, as its section 4.10 provides for.
//
// SCXML's root has no transitions, so what holds in every state stands in each state below the root; its own come first, as in XState.

import type { DiagramAction, DiagramState, DiagramTransition } from './diagram-model.ts';
import { escapeXml } from './xml.ts';

const actionNamespace = 'urn:sluice:actions';
const step = '  ';

export function scxmlDocument(root: DiagramState): string {
  // The ids are paths below the machine's id.
  const idOf = (path: string): string => escapeXml(`${root.id}.${path}`);
  const initial = root.initial === null ? '' : ` initial="${idOf(root.initial)}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:action="${actionNamespace}" version="1.0" name="${escapeXml(root.id)}"${initial}>`,
    ...root.children.flatMap((child) => stateLines(child, child.type === 'final' ? [] : root.transitions, idOf, step)),
    '</scxml>',
  ];
  return `${lines.join('\n')}\n`;
}

function stateLines(state: DiagramState, inherited: readonly DiagramTransition[], idOf: (path: string) => string, indent: string): string[] {
  const name = state.type === 'parallel' || state.type === 'final' ? state.type : 'state';
  const initial = state.initial === null ? '' : ` initial="${idOf(state.initial)}"`;
  const inside = [
    ...actionLines('onentry', state.entry, indent + step),
    ...actionLines('onexit', state.exit, indent + step),
    ...[...state.transitions, ...inherited].flatMap((transition) => transitionLines(state, transition, idOf, indent + step)),
    ...state.children.flatMap((child) => stateLines(child, [], idOf, indent + step)),
  ];
  const open = `${indent}<${name} id="${idOf(state.path)}"${initial}`;
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, `${indent}</${name}>`];
}

function transitionLines(state: DiagramState, { event, target, actions }: DiagramTransition, idOf: (path: string) => string, indent: string): string[] {
  const to = target === null ? '' : ` target="${idOf(target)}"`;
  // XState does not leave a state whose descendant is the target.
  const internal = target !== null && target.startsWith(`${state.path}.`) ? ' type="internal"' : '';
  const open = `${indent}<transition event="${escapeXml(event)}"${to}${internal}`;
  if (actions.length === 0) return [`${open}/>`];
  return [`${open}>`, ...actions.map((action) => indent + step + actionElement(action)), `${indent}</transition>`];
}

function actionLines(element: string, actions: readonly DiagramAction[], indent: string): string[] {
  if (actions.length === 0) return [];
  return [`${indent}<${element}>`, ...actions.map((action) => indent + step + actionElement(action)), `${indent}</${element}>`];
}

function actionElement({ name, argument }: DiagramAction): string {
  return `<action:${name}${argument === null ? '' : ` argument="${escapeXml(argument)}"`}/>`;
}
