import type { ClosedRow } from '../api/documents.ts';
import { explainReason } from '../connections/close-reasons.ts';
import { formatBytes } from '../format/bytes.ts';
import { formatDuration, formatTime } from '../format/duration.ts';
import { Badge } from '../ui/badge.tsx';
import type { GridColumn } from '../ui/grid-column.tsx';

export const closedColumns: readonly GridColumn<ClosedRow>[] = [
  { name: 'id', title: 'ID', render: ({ id }) => `#${id}` },
  { name: 'reason', title: 'Reason', sort: 'reason', render: ({ reason }) => <Badge tone={explainReason(reason).tone}>{reason}</Badge> },
  { name: 'protocol', title: 'Protocol', sort: 'protocol', render: ({ protocol }) => protocol },
  { name: 'peer', title: 'Peer', sort: 'peer', render: ({ peer }) => peer },
  { name: 'closed', title: 'Closed at', sort: 'closedAt', isNumber: true, render: ({ openedAtMs, ageMs }) => formatTime(openedAtMs + ageMs) },
  { name: 'age', title: 'Was open', sort: 'age', isNumber: true, render: ({ ageMs }) => formatDuration(ageMs) },
  { name: 'in', title: 'Bytes in', sort: 'bytesIn', isNumber: true, render: ({ bytesIn }) => formatBytes(bytesIn) },
  { name: 'out', title: 'Bytes out', sort: 'bytesOut', isNumber: true, render: ({ bytesOut }) => formatBytes(bytesOut) },
];
