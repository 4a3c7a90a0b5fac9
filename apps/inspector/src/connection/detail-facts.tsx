import type { ConnectionDetail, Gauges } from '../api/documents.ts';
import { Words } from '../connections/words.tsx';
import { formatBytes } from '../format/bytes.ts';
import { formatDuration } from '../format/duration.ts';
import { formatPeer } from '../format/peer.ts';
import { formatRoute } from '../routing/route.ts';
import { Facts } from '../ui/facts.tsx';
import { Panel } from '../ui/panel.tsx';

/** What was agreed on when it began. */
export function DetailFacts({ detail, gauges }: { readonly detail: ConnectionDetail; readonly gauges: Gauges | null }) {
  const { listener, secure, request, topics = [], clientTags = [] } = detail;
  const certificate = secure?.peerCertificate;
  return (
    <Panel title="Facts" className="facts-panel">
      <Facts
        facts={[
          ['Name', detail.name ?? null],
          ['Peer', formatPeer(detail.peer)],
          ['Local', formatPeer(detail.local)],
          ['Listener', listener === undefined || listener === null ? null : <a href={formatRoute({ view: 'supervision', node: listener })}>{listener}</a>],
          ['Age', formatDuration(detail.ageMs)],
          ['Bytes in', formatBytes(gauges?.bytesIn ?? detail.bytesIn)],
          ['Bytes out', formatBytes(gauges?.bytesOut ?? detail.bytesOut)],
          ['Topics', topics.length === 0 ? null : <Words words={topics} most={8} />],
          ['Tags', clientTags.length === 0 ? null : <Words words={clientTags} most={8} />],
          ['Request', request?.uri ?? null],
          ['User agent', request?.userAgent ?? null],
          ['Origin', request?.origin ?? null],
          ['TLS', secure === undefined ? 'none, in the clear' : secure === null ? 'handshake running' : `${secure.protocol}, ${secure.cipher}`],
          ['Server name', secure?.serverName ?? null],
          ['ALPN', secure?.alpn ?? null],
          ['Session', secure?.resumed === true ? 'resumed' : null],
          ['Certificate', certificate?.subject ?? null],
        ]}
      />
    </Panel>
  );
}
