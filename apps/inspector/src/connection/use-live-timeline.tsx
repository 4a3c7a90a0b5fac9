import { useEffect, useState } from 'react';
import { apiPath, getJson } from '../api/client.ts';
import type { ConnectionDetail, Gauges, Recording } from '../api/documents.ts';
import { useStream } from '../api/use-stream.tsx';
import { useStore } from '../state/use-store.tsx';
import { LiveTimeline } from '../timeline/live-timeline.ts';
import type { Timeline } from '../timeline/timeline.ts';

interface Live {
  readonly timeline: Timeline | null;
  readonly gauges: Gauges | null;
  /** Events that did not reach this page. */
  readonly lost: number;
  /** Why it closed, once it has. */
  readonly reason: string | null;
}

/** What happens to a connection, as it happens; begins once something is known of it. */
export function useLiveTimeline(detail: ConnectionDetail): Live {
  const { id } = detail;
  const [live] = useState(() => new LiveTimeline(detail.sessionId, (detail.atMs ?? Date.now()) - detail.ageMs));
  const [gauges, setGauges] = useState<Gauges | null>(null);
  const [lost, setLost] = useState(0);
  const [reason, setReason] = useState<string | null>(null);
  const [opened, setOpened] = useState(0);
  const url = reason === null ? apiPath(`connections/${id}/events`) : null;
  useStream(
    url,
    {
      inspection: (data) => live.receive(data),
      gauges: (data) => setGauges(data as Gauges),
      lost: (data) => setLost((before) => before + ((data as { count?: number }).count ?? 0)),
      closed: (data) => setReason((data as { reason?: string }).reason ?? 'served'),
    },
    () => {
      live.begin();
      setOpened((times) => times + 1);
    },
  );
  useEffect(() => {
    if (opened === 0) return;
    const leaving = new AbortController();
    getJson<Recording>(apiPath(`recordings/${id}`), leaving.signal).then(
      ({ actors }) => {
        if (actors[0] !== undefined) live.takeRecording(actors[0]);
      },
      () => {},
    );
    return () => leaving.abort();
  }, [id, live, opened]);
  return { timeline: useStore(live.timeline), gauges, lost, reason };
}
