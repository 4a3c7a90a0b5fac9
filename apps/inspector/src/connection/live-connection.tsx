import type { ConnectionDetail } from '../api/documents.ts';
import { stateLabel } from '../chart/state-ids.ts';
import { StateCell } from '../connections/state-cell.tsx';
import { formatPeer } from '../format/peer.ts';
import { HistoryView } from '../timeline/history-view.tsx';
import { CloseNotice } from '../closed/close-notice.tsx';
import { Actions } from './actions.tsx';
import { ConnectionHead } from './connection-head.tsx';
import { DetailFacts } from './detail-facts.tsx';
import { ExportLink } from './export-link.tsx';
import { Timers } from './timers.tsx';
import { useLiveTimeline } from './use-live-timeline.tsx';
import { Windows } from './windows.tsx';

interface LiveConnectionProps {
  readonly detail: ConnectionDetail;
  readonly isGone: boolean;
}

export function LiveConnection({ detail, isGone }: LiveConnectionProps) {
  const { timeline, gauges, lost, reason } = useLiveTimeline(detail);
  const isClosed = reason !== null || isGone;
  const state = stateLabel(timeline?.steps.at(-1)?.state ?? detail.value);
  return (
    <div className="view connection-view">
      <ConnectionHead id={detail.id} back="connections" facts={[detail.protocol, formatPeer(detail.peer)]}>
        <span className="head-state">
          <StateCell label={isClosed ? 'closed' : state} />
        </span>
        <div className="head-actions">
          {isClosed ? null : <Actions detail={detail} />}
          <ExportLink id={detail.id} />
        </div>
      </ConnectionHead>
      {isClosed ? <CloseNotice reason={reason ?? detail.reason ?? 'unknown'} /> : null}
      {lost === 0 ? null : <p className="note wait" role="status">{`This page was too slow for ${lost} events; they are missing below.`}</p>}
      {timeline === null ? (
        <p className="soft waiting">Asking for its recording…</p>
      ) : (
        <HistoryView timeline={timeline} isLive={!isClosed} eventsNow={detail.nextEvents}>
          <Windows detail={detail} gauges={gauges} />
          {isClosed ? null : <Timers timers={gauges?.timers ?? detail.timers} />}
          <DetailFacts detail={detail} gauges={gauges} />
        </HistoryView>
      )}
    </div>
  );
}
