import { useMemo } from 'react';
import { formatCount, formatPerSecond } from '../format/count.ts';
import { AreaChart } from './area-chart.tsx';
import { KeyFigures } from './key-figures.tsx';
import { closeSeries, phaseSeries, smoothed, stacked } from './series.ts';
import { useTotals } from './use-totals.tsx';

const phases = ['established', 'handshake', 'draining', 'writeAndAbort'];
const phaseColours = ['--phase-established', '--phase-handshake', '--phase-draining', '--phase-error'];
const reasonColours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];
const smoothSeconds = 10;

function perSecond(value: number): string {
  return `${formatPerSecond(value)}/s`;
}

/** How the gateway does as a whole, over the last ten minutes. */
export function TotalsView() {
  const samples = useTotals();
  const open = useMemo(() => phaseSeries(samples, phases), [samples]);
  const closes = useMemo(() => closeSeries(samples, reasonColours.length), [samples]);
  const openStack = useMemo(() => stacked(open.columns), [open]);
  const smoothedCloses = useMemo(() => closes.columns.map((column) => smoothed(column, smoothSeconds)), [closes]);
  const closeStack = useMemo(() => stacked(smoothedCloses), [smoothedCloses]);
  return (
    <section className="totals" aria-label="The gateway as a whole">
      <KeyFigures samples={samples} />
      <div className="totals-charts">
        <AreaChart title="Open, by state" format={formatCount} names={open.names} colours={phaseColours} times={open.times} columns={open.columns} sums={openStack} />
        <AreaChart title="Closed a second, by reason" format={perSecond} names={closes.names} colours={reasonColours} times={closes.times} columns={smoothedCloses} sums={closeStack} />
      </div>
    </section>
  );
}
