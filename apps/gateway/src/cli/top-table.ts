// The table of `sluice top`, as lines of text.

import { printable } from '../client/printable.ts';
import { byteText } from '../client/progress.ts';
import type { ConnectionPage, ConnectionRow } from '../inspection/connection-table.ts';
import type { TotalsSample } from '../inspection/totals.ts';

export const topSorts = { o: 'rateOut', i: 'rateIn', u: 'queued', a: 'age' } as const;
export type TopSort = (typeof topSorts)[keyof typeof topSorts];

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumber: boolean;
  readonly sort?: TopSort;
  readonly text: (row: ConnectionRow) => string;
}

const columns: readonly Column[] = [
  { title: 'ID', width: 8, isNumber: true, text: ({ id }) => String(id) },
  { title: 'PROTOCOL', width: 9, isNumber: false, text: ({ protocol }) => protocol },
  { title: 'PEER', width: 21, isNumber: false, text: ({ peer }) => peer },
  { title: 'AGE', width: 7, isNumber: true, sort: 'age', text: ({ ageMs }) => ageText(ageMs) },
  { title: 'QUEUED', width: 8, isNumber: true, sort: 'queued', text: ({ queuedBytes }) => byteText(queuedBytes) },
  { title: 'OUT/S', width: 8, isNumber: true, sort: 'rateOut', text: ({ rateOutBytesPerSecond }) => byteText(rateOutBytesPerSecond) },
  { title: 'IN/S', width: 8, isNumber: true, sort: 'rateIn', text: ({ rateInBytesPerSecond }) => byteText(rateInBytesPerSecond) },
  { title: 'STATE', width: 24, isNumber: false, text: ({ state }) => shortState(state) },
  { title: 'TOPICS', width: 0, isNumber: false, text: ({ topics, name }) => [...(name === null ? [] : [`(${name})`]), ...topics].join(' ') },
];

/** `4.2 s`, `12 m`, `3 h`, `9 d`. */
export function ageText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} m`;
  return seconds < 360_000 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** An established connection is named by what its two regions do; where both do the ordinary, that is `established`. */
export function shortState(label: string): string {
  const regions = /^established\(inbound\.(\w+) outbound\.(\w+)\)$/.exec(label);
  if (regions === null) return label;
  const [, inbound = '', outbound = ''] = regions;
  const unusual = [...(inbound === 'flowing' ? [] : [`in ${inbound}`]), ...(outbound === 'clear' ? [] : [`out ${outbound}`])];
  return unusual.length === 0 ? 'established' : unusual.join(', ');
}

/** The head and a line for each connection, none longer than `width`. The column it is sorted by has an arrow. */
export function tableLines(page: ConnectionPage, sort: TopSort, width: number): string[] {
  const head = columns.map(({ title, sort: own }) => (own === sort ? `${title}↓` : title));
  const cells = page.connections.map((row) => columns.map(({ text }) => printable(text(row))));
  return [head, ...cells].map((line) =>
    line
      .map((cell, index) => {
        const { width: wanted, isNumber } = columns[index]!;
        const fitted = wanted > 0 && cell.length > wanted ? `${cell.slice(0, wanted - 1)}…` : cell;
        return isNumber ? fitted.padStart(wanted) : fitted.padEnd(wanted);
      })
      .join('  ')
      .trimEnd()
      .slice(0, width),
  );
}

/** What goes on in all: counts, and rates since the sample before. */
export function summaryLine({ total, matched }: ConnectionPage, now: TotalsSample | null, before: TotalsSample | null): string {
  const counts = [`${total} open`, ...(matched === total ? [] : [`${matched} shown`])];
  if (now === null) return counts.join('  ');
  counts.push(...Object.entries(now.byPhase).map(([phase, count]) => `${count} ${printable(phase)}`));
  if (before === null || now.atMs <= before.atMs) return counts.join('  ');
  const rate = (key: 'bytesIn' | 'bytesOut' | 'messagesIn' | 'messagesOut' | 'opened'): number =>
    Math.max(0, Math.round(((now[key] - before[key]) * 1000) / (now.atMs - before.atMs)));
  return [
    ...counts,
    `+${rate('opened')}/s`,
    `in ${byteText(rate('bytesIn'))}/s ${rate('messagesIn')} msg/s`,
    `out ${byteText(rate('bytesOut'))}/s ${rate('messagesOut')} msg/s`,
    `loop p99 ${now.loopDelayP99Ms.toFixed(1)} ms`,
    `RSS ${byteText(now.rssBytes)}`,
  ].join('  ');
}
