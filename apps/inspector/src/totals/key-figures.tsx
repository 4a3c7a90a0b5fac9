import type { TotalsSample } from '../api/documents.ts';
import { formatBytes } from '../format/bytes.ts';
import { formatCount, formatPerSecond } from '../format/count.ts';
import { latestRate } from './series.ts';

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((one, other) => one + other, 0);
}

export function KeyFigures({ samples }: { readonly samples: readonly TotalsSample[] }) {
  const last = samples.at(-1);
  const rate = (count: (sample: TotalsSample) => number): number => latestRate(samples, count);
  const figures: readonly (readonly [string, string])[] =
    last === undefined
      ? ['Open', 'Opened', 'Closed', 'Messages in', 'Messages out', 'Bytes in', 'Bytes out', 'Loop delay', 'Memory'].map((name) => [name, '–'] as const)
      : [
          ['Open', formatCount(last.open ?? sum(last.byPhase))],
          ['Opened', `${formatPerSecond(rate(({ opened }) => opened))}/s`],
          ['Closed', `${formatPerSecond(rate(({ closes }) => sum(closes)))}/s`],
          ['Messages in', `${formatPerSecond(rate(({ messagesIn }) => messagesIn))}/s`],
          ['Messages out', `${formatPerSecond(rate(({ messagesOut }) => messagesOut))}/s`],
          ['Bytes in', `${formatBytes(rate(({ bytesIn }) => bytesIn))}/s`],
          ['Bytes out', `${formatBytes(rate(({ bytesOut }) => bytesOut))}/s`],
          ['Loop delay', `${last.loopDelayP99Ms.toFixed(1)} ms`],
          ['Memory', formatBytes(last.rssBytes)],
        ];
  return (
    <dl className="key-figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
