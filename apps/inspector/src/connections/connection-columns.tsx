import type { ConnectionRow } from '../api/documents.ts';
import { formatBytes, formatRate } from '../format/bytes.ts';
import { formatDuration } from '../format/duration.ts';
import type { GridColumn } from '../ui/grid-column.tsx';
import { StateCell } from './state-cell.tsx';
import { Words } from './words.tsx';

export const connectionColumns: readonly GridColumn<ConnectionRow>[] = [
  { name: 'id', title: 'ID', sort: 'id', render: ({ id }) => `#${id}` },
  { name: 'state', title: 'State', sort: 'state', render: ({ state }) => <StateCell label={state} /> },
  { name: 'protocol', title: 'Protocol', sort: 'protocol', render: ({ protocol }) => protocol },
  { name: 'peer', title: 'Peer', sort: 'peer', render: ({ peer, name }) => name ?? peer },
  { name: 'age', title: 'Age', sort: 'age', isNumber: true, render: ({ ageMs }) => formatDuration(ageMs) },
  { name: 'queued', title: 'Queued', sort: 'queued', isNumber: true, render: ({ queuedBytes }) => (queuedBytes === 0 ? '–' : formatBytes(queuedBytes)) },
  { name: 'in', title: 'In', sort: 'rateIn', isNumber: true, render: ({ rateInBytesPerSecond }) => formatRate(rateInBytesPerSecond) },
  { name: 'out', title: 'Out', sort: 'rateOut', isNumber: true, render: ({ rateOutBytesPerSecond }) => formatRate(rateOutBytesPerSecond) },
  { name: 'topics', title: 'Topics', render: ({ topics }) => <Words words={topics} /> },
  { name: 'tags', title: 'Tags', render: ({ tags }) => <Words words={tags} /> },
];
