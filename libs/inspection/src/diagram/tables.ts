// A chart as Markdown tables: its states, its events, its transitions with their guards, and the deadlines it arms.

import { allStates, describeAction, type DiagramAction, type DiagramState } from './diagram-model.ts';

const timeoutEvent = 'TIMEOUT.';

export function stateTable(root: DiagramState): string {
  const rows = allStates(root)
    .filter((state) => state !== root)
    .map((state) => [code(state.path), state.description, codes(state.tags), actions(state.entry), actions(state.exit)]);
  return table(['state', 'what it is', 'tags', 'on entry', 'on exit'], rows);
}

export function transitionTable(root: DiagramState): string {
  const rows = allStates(root).flatMap((state) =>
    state.transitions.map(({ event, target, actions: done }) => [
      sourceOf(state, root),
      code(event),
      target === null ? 'stays' : code(target),
      actions(done),
    ]),
  );
  return table(['state', 'event', 'goes to', 'actions'], rows);
}

/** For each event, in document order: in which states it counts, and where it leads from there. */
export function eventTable(root: DiagramState): string {
  const ways = new Map<string, string[]>();
  for (const state of allStates(root)) {
    for (const { event, target } of state.transitions) {
      const way = `${sourceOf(state, root)} → ${target === null ? 'stays' : code(target)}`;
      ways.set(event, [...(ways.get(event) ?? []), way]);
    }
  }
  return table(['event', 'counts in, and leads to'], [...ways].map(([event, list]) => [code(event), list.join('<br>')]));
}

/** A row for each transition that something has to hold for; `null` in a chart without guards. */
export function guardTable(root: DiagramState): string | null {
  const rows = allStates(root).flatMap((state) =>
    state.transitions.flatMap(({ event, target, guard }) =>
      guard === null ? [] : [[sourceOf(state, root), code(event), code(guard), target === null ? 'stays' : code(target)]],
    ),
  );
  return rows.length === 0 ? null : table(['state', 'event', 'guard', 'goes to'], rows);
}

/** For each deadline the chart knows: which states arm it, which cancel it, and what follows when it comes due. */
export function deadlineTable(root: DiagramState, names: readonly string[]): string {
  const states = allStates(root);
  const rows = names.map((name) => {
    const having = (list: (state: DiagramState) => readonly DiagramAction[], action: string): string =>
      codes(states.filter((state) => list(state).some((one) => one.name === action && one.argument === name)).map(({ path }) => path));
    const due = states.flatMap(({ path, transitions }) =>
      transitions
        .filter(({ event }) => event === timeoutEvent + name)
        .map(({ target }) => `${code(path)} → ${target === null ? 'stays' : code(target)}`),
    );
    const cancelled = [having(({ exit }) => exit, 'disarm'), having(({ entry }) => entry, 'disarm')];
    const when = ['on exit of', 'on entry of'].flatMap((what, i) => (cancelled[i] === '' ? [] : [`${what} ${cancelled[i]}`]));
    return [code(name), having(({ entry }) => entry, 'arm'), when.join('; '), due.join('<br>')];
  });
  return table(['deadline', 'armed on entry of', 'cancelled', 'when it comes due'], rows);
}

function sourceOf(state: DiagramState, root: DiagramState): string {
  return state === root ? 'any' : code(state.path);
}

function actions(list: readonly DiagramAction[]): string {
  return codes(list.map(describeAction));
}

function code(text: string): string {
  return `\`${text}\``;
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => (cell === '' ? '–' : cell.replaceAll('|', '\\|'))).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
