// A chart as Markdown tables: its states, its transitions, and the deadlines it arms.

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
      state === root ? 'any' : code(state.path),
      code(event),
      target === null ? 'stays' : code(target),
      actions(done),
    ]),
  );
  return table(['state', 'event', 'goes to', 'actions'], rows);
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
