import type { ConnectionDetail, Gauges } from '../api/documents.ts';
import { formatBytes, formatRate } from '../format/bytes.ts';
import { Panel } from '../ui/panel.tsx';
import { Gauge } from './gauge.tsx';

/** Both windows: how full they are, how fast they move, and what holds them back. */
export function Windows({ detail, gauges }: { readonly detail: ConnectionDetail; readonly gauges: Gauges | null }) {
  const { inbound, outbound } = detail;
  const high = gauges?.highBytes ?? outbound.highBytes;
  const low = gauges?.lowBytes ?? outbound.lowBytes;
  const queued = gauges?.queuedBytes ?? outbound.queuedBytes;
  const held = gauges?.heldBytes ?? inbound.heldBytes;
  const isQuenched = gauges?.isQuenched ?? detail.isQuenched ?? false;
  const limit = (bytes: number): string => (bytes === 0 ? 'no throttle' : `throttle ${formatBytes(bytes)}/s`);
  return (
    <Panel title="Windows" className="windows">
      <Gauge
        label="Outbound, queued"
        value={queued}
        most={high}
        mark={low}
        text={`${formatBytes(queued)} of ${formatBytes(high)}`}
        note={`${formatRate(gauges?.rateOutBytesPerSecond ?? detail.rateOutBytesPerSecond ?? 0)} · ${limit(gauges?.throttleOutBytesPerSecond ?? outbound.throttleBytesPerSecond)} · clear again at ${formatBytes(low)}`}
      />
      <Gauge
        label="Inbound, unread"
        value={held}
        most={Math.max(high / 16, held)}
        text={formatBytes(held)}
        note={`${formatRate(gauges?.rateInBytesPerSecond ?? detail.rateInBytesPerSecond ?? 0)} · ${limit(gauges?.throttleInBytesPerSecond ?? inbound.throttleBytesPerSecond)}${isQuenched ? ' · quenched by an operator' : inbound.paused ? ' · not read now' : ''}`}
      />
    </Panel>
  );
}
