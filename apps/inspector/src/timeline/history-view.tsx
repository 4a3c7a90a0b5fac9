// One connection's past and present: its chart, the timeline under it, and the messages. The same for one that is open and one that
// has closed.

import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { ChartView } from '../chart/chart-view.tsx';
import { activeStateIds, stateLabel } from '../chart/state-ids.ts';
import { possibleEvents, type Arrow } from '../chart/transitions.ts';
import { PossibleEvents } from '../chart/possible-events.tsx';
import { formatQuantity } from '../format/count.ts';
import { Panel } from '../ui/panel.tsx';
import { Scrubber } from './scrubber.tsx';
import { SequenceView } from './sequence-view.tsx';
import { momentAt, type Timeline } from './timeline.ts';

interface HistoryViewProps {
  readonly timeline: Timeline;
  readonly isLive: boolean;
  /** As the gateway says, for the present; those with an arrow in the chart are known for the past. */
  readonly eventsNow?: readonly string[] | undefined;
  /** Beside the messages. */
  readonly children: ReactNode;
}

export function HistoryView({ timeline, isLive, eventsNow, children }: HistoryViewProps) {
  /** `null`: at the end, wherever that moves to. */
  const [fixed, setFixed] = useState<number | null>(null);
  const [hinted, setHinted] = useState<string | null>(null);
  const [arrows, setArrows] = useState<readonly Arrow[]>([]);
  const last = timeline.steps.length;
  // Steps that have gone at the front take their places with them.
  const position = fixed === null ? last : Math.max(0, Math.min(last, fixed - timeline.before));
  const move = useCallback((to: number) => setFixed(to >= last ? null : to + timeline.before), [last, timeline.before]);
  const { state, from, event } = momentAt(timeline, position);
  const { chart } = timeline;
  const active = useMemo(() => activeStateIds(chart, state), [chart, state]);
  const before = useMemo(() => activeStateIds(chart, from), [chart, from]);
  const isNow = position === last && isLive;
  const possible = isNow && eventsNow !== undefined ? eventsNow : possibleEvents(arrows, active, chart);
  const label = stateLabel(state);
  return (
    <>
      <Panel title="Chart" className="chart-panel" aside={<code className="state-now">{position === last ? label : `earlier: ${label}`}</code>}>
        <ChartView
          chart={chart}
          active={active}
          before={before}
          event={event}
          hinted={hinted}
          summary={`In ${label}${event === null ? '' : `, after ${event}`}`}
          onArrows={setArrows}
        />
        <Scrubber timeline={timeline} position={position} isLive={isLive} isFollowing={position === last} onMove={move} />
      </Panel>
      <div className="history-lower">
        <Panel title="Sequence" className="sequence-panel" aside={<span className="soft">{formatQuantity(timeline.before + last, 'step')}</span>}>
          <SequenceView timeline={timeline} position={position} onMove={move} />
        </Panel>
        <div className="history-side">
          {children}
          <PossibleEvents title={isNow ? 'Events possible now' : 'Events possible then'} events={possible} onHint={setHinted} />
        </div>
      </div>
    </>
  );
}
