// The result as a table, plain or Markdown.

import type { Goal, Row } from './rows.ts';
import { serverNames, type ServerName } from './servers/server.ts';
import { median, spread } from './statistics.ts';
import type { Sample } from './measure.ts';

/** Samples of one server in one row, or why there are none. */
export interface Cell {
  readonly samples: readonly Sample[];
  readonly problem: string | null;
}

export type Cells = Readonly<Partial<Record<ServerName, Cell>>>;

export interface BenchResult {
  readonly date: string;
  readonly machine: string;
  readonly pace: string;
  /** Versions, or why a server did not take part. */
  readonly versions: Readonly<Partial<Record<ServerName, string>>>;
  readonly rows: readonly { readonly row: Row; readonly cells: Cells }[];
}

function valueOf(cells: Cells, server: ServerName): number | null {
  const samples = cells[server]?.samples ?? [];
  return samples.length === 0 ? null : median(samples.map(({ value }) => value));
}

/** The gateway's figure as a multiple of what the goal compares it to, or `null` where one of them is missing. */
export function ratioOf(goal: Goal, cells: Cells, result: BenchResult): number | null {
  const own = valueOf(cells, 'gateway');
  if (own === null) return null;
  if (goal.against === 'absolute') return own;
  const { against } = goal;
  if ('server' in against) return ratioTo(cells, against.server);
  const other = valueOf(result.rows.find(({ row }) => row.name === against.row)?.cells ?? {}, 'gateway');
  return other === null ? null : own / other;
}

export function formatFigure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

function describeGoal(goal: Goal, cells: Cells, result: BenchResult): string {
  const ratio = ratioOf(goal, cells, result);
  const against =
    goal.against === 'absolute' ? '' : 'server' in goal.against ? ` of ${goal.against.server}` : ` of ${goal.against.row}`;
  const limit = goal.against === 'absolute' ? formatFigure(goal.max) : String(goal.max);
  const verdict = ratio === null ? 'not measured' : `${goal.against === 'absolute' ? formatFigure(ratio) : formatRatio(ratio)} ${ratio <= goal.max ? 'met' : 'MISSED'}`;
  return `≤ ${limit}${against}: ${verdict}`;
}

function describeCell(cells: Cells, server: ServerName): string {
  const value = valueOf(cells, server);
  if (value !== null) {
    const samples = cells[server]?.samples ?? [];
    const range = Math.round(100 * spread(samples.map((sample) => sample.value)));
    return samples.length > 1 ? `${formatFigure(value)} ±${range}%` : formatFigure(value);
  }
  return cells[server]?.problem === undefined ? '' : '–';
}

function ratios(cells: Cells): string {
  return serverNames
    .filter((name) => name !== 'gateway')
    .flatMap((name) => {
      const ratio = ratioTo(cells, name);
      return ratio === null ? [] : [`${formatRatio(ratio)} ${name}`];
    })
    .join(', ');
}

/**
 * The gateway's figure as a multiple of another server's: the median over the rounds in which both were measured, one right after the other, so that
 * what the machine did in the meantime is in neither.
 */
function ratioTo(cells: Cells, server: ServerName): number | null {
  const own = cells.gateway?.samples ?? [];
  const others = cells[server]?.samples ?? [];
  const pairs = Math.min(own.length, others.length);
  return pairs === 0 ? null : median(Array.from({ length: pairs }, (_, round) => own[round]!.value / others[round]!.value));
}

/** Close to one, a hundredth is too coarse. */
function formatRatio(ratio: number): string {
  return Math.abs(ratio - 1) < 0.1 ? ratio.toFixed(3) : formatFigure(ratio);
}

function generatorUs(cells: Cells): string {
  const samples = Object.values(cells).flatMap((cell) => cell.samples.map((sample) => sample.generatorUs));
  const busy = samples.filter((us) => us > 0);
  return busy.length === 0 ? '' : formatFigure(median(busy));
}

function tableOf(result: BenchResult): string[][] {
  const present = serverNames.filter((name) => result.rows.some(({ cells }) => cells[name] !== undefined));
  const head = ['work', 'unit', ...present, 'gateway to peers', 'target', 'generator µs'];
  const body = result.rows.map(({ row, cells }) => [
    row.title,
    row.unit,
    ...present.map((name) => describeCell(cells, name)),
    ratios(cells),
    row.goals.map((goal) => describeGoal(goal, cells, result)).join('; '),
    generatorUs(cells),
  ]);
  return [head, ...body];
}

function notes(result: BenchResult): string[] {
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const problems = result.rows.flatMap(({ row, cells }) =>
    Object.entries(cells).flatMap(([name, cell]) => (cell.problem === null ? [] : [`${row.name} at ${name}: ${cell.problem}`])),
  );
  return [
    `${result.date} · ${result.machine} · ${result.pace}`,
    `${versions.join(' · ')}.`,
    'Figures are medians, with the largest distance of a round from them: CPU of the server process (user and system, all threads) per message delivered or request ' +
      'answered, or resident bytes per connection. The generator is the load generator’s own CPU per message, for all servers.',
    'ws runs as its package on npm installs it, in JavaScript only (without bufferutil).',
    ...problems,
  ];
}

export function toText(result: BenchResult): string {
  const table = tableOf(result);
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1), '', ...notes(result)].join('\n');
}

export function toMarkdown(result: BenchResult): string {
  const [head = [], ...body] = tableOf(result).map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  const format = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [format(head), format(head.map(() => '---')), ...body.map(format), '', ...notes(result).map((note) => `* ${note}`)].join('\n');
}
