import { apiPath } from '../api/client.ts';
import type { Recording } from '../api/documents.ts';
import { usePoll } from '../api/use-poll.tsx';
import { ConnectionHead } from '../connection/connection-head.tsx';
import { ExportLink } from '../connection/export-link.tsx';
import { formatBytes } from '../format/bytes.ts';
import { formatDuration } from '../format/duration.ts';
import { HistoryView } from '../timeline/history-view.tsx';
import { timelineOf } from '../timeline/timeline.ts';
import { Facts } from '../ui/facts.tsx';
import { Panel } from '../ui/panel.tsx';
import { CloseNotice } from './close-notice.tsx';
import { useMemo } from 'react';

/** One that has closed, by its recording. */
export function ClosedConnectionView({ id }: { readonly id: number }) {
  // It does not change any more: asked for again only to come back after the gateway was away.
  const { document: recording, refusal } = usePoll<Recording>(apiPath(`recordings/${id}`), 60_000);
  const actor = recording?.actors[0];
  const timeline = useMemo(() => (actor === undefined ? null : timelineOf(actor)), [actor]);
  const ending = actor?.ending ?? null;
  const facts = ending === null ? [] : [ending.protocol, ending.peer, `was open for ${formatDuration(ending.ageMs)}`];
  return (
    <div className="view connection-view">
      <ConnectionHead id={id} back="closed" facts={facts}>
        <div className="head-actions">{actor === undefined ? null : <ExportLink id={id} />}</div>
      </ConnectionHead>
      {ending === null ? null : <CloseNotice reason={ending.reason} />}
      {timeline === null ? <p className="soft waiting">{refusal === null ? 'Asking for its recording…' : refusal.message}</p> : null}
      {timeline === null || actor === undefined ? null : (
        <HistoryView timeline={timeline} isLive={false}>
          <Panel title="Facts" className="facts-panel">
            <Facts
              facts={[
                ['Reason', ending?.reason ?? 'open'],
                ['Protocol', ending?.protocol],
                ['Peer', ending?.peer],
                ['Age', ending === null ? null : formatDuration(ending.ageMs)],
                ['Bytes in', ending === null ? null : formatBytes(ending.bytesIn)],
                ['Bytes out', ending === null ? null : formatBytes(ending.bytesOut)],
                ['Steps not kept', actor.lostSteps === 0 ? null : String(actor.lostSteps)],
                ['Chart', `${actor.chart} ${actor.chartHash}`],
              ]}
            />
          </Panel>
        </HistoryView>
      )}
    </div>
  );
}
