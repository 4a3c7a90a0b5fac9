// Areas that stand on one another, over time, drawn by uPlot on a canvas. What they show now stands beside them in words, with the keys
// of the colours.

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatPerSecond } from '../format/count.ts';
import { formatTime } from '../format/duration.ts';
import { useColours } from './use-colours.tsx';

interface AreaChartProps {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly names: readonly string[];
  /** Custom properties, one for each name. */
  readonly colours: readonly string[];
  /** In seconds since 1970. */
  readonly times: readonly number[];
  readonly columns: readonly (readonly number[])[];
  /** Each column with those before it added. */
  readonly sums: readonly (readonly number[])[];
}

const height = 112;

export function AreaChart({ title, format, names, colours, times, columns, sums }: AreaChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shades = useColours(['--ink-soft', '--line', ...colours]);
  const count = names.length;

  useEffect(() => {
    if (frame.current === null || count === 0) return;
    const [ink = '', line = '', ...fills] = shades;
    const axis = { stroke: ink, font: '11px system-ui, sans-serif', ticks: { show: false }, gap: 4 };
    // The highest sum first, so that each smaller one is drawn over it.
    const series = fills.slice(0, count).toReversed().map((fill) => ({ fill, stroke: fill, width: 1, points: { show: false } }));
    const made = new uPlot(
      {
        width: frame.current.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 14, 0, 0],
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.08)] } },
        axes: [
          { ...axis, size: 20, space: 70, grid: { show: false }, values: (_, splits, __, ___, step) => splits.map((seconds) => formatTime(seconds * 1000).slice(0, step < 60 ? 8 : 5)) },
          { ...axis, size: 44, space: 28, grid: { stroke: line, width: 1 }, values: (_, values) => values.map((value) => formatPerSecond(value)) },
        ],
        series: [{}, ...series],
      },
      [[], ...series.map(() => [])],
      frame.current,
    );
    plot.current = made;
    const resize = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) made.setSize({ width: entry.contentRect.width, height });
    });
    resize.observe(frame.current);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [count, shades]);

  useEffect(() => {
    if (sums.length === count) plot.current?.setData([[...times], ...sums.map((sum) => [...sum]).toReversed()]);
  }, [times, sums, count, shades]);

  return (
    <figure className="area-chart">
      <figcaption>{title}</figcaption>
      <div className="area-frame" ref={frame} aria-hidden="true" />
      {count === 0 ? <p className="area-empty">None in the last ten minutes.</p> : null}
      <ul className="keys">
        {names.map((name, i) => (
          <li key={name}>
            <span className="key" style={{ background: `var(${colours[i]})` }} />
            {name} <b>{format(columns[i]?.at(-1) ?? 0)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
