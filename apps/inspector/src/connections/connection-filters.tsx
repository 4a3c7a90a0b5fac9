import { useCallback } from 'react';
import { Choice } from '../ui/choice.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { SortChoice } from './sort-choice.tsx';
import { withFilter, type TableQuery } from './table-query.ts';

const states = [
  { value: '', text: 'Any state' },
  { value: 'handshake', text: 'handshake' },
  { value: 'established', text: 'established' },
  { value: 'established.outbound.choked', text: 'outbound choked' },
  { value: 'established.inbound.quenched', text: 'inbound quenched' },
  { value: 'established.outbound.throttled', text: 'outbound throttled' },
  { value: 'established.inbound.throttled', text: 'inbound throttled' },
  { value: 'draining', text: 'draining' },
  { value: 'writeAndAbort', text: 'writeAndAbort' },
];

const protocols = ['', 'http', 'websocket', 'sse', 'command'].map((value) => ({ value, text: value === '' ? 'Any protocol' : value }));

const sorts = [
  { value: 'id', text: 'ID' },
  { value: 'age', text: 'Age' },
  { value: 'queued', text: 'Queued' },
  { value: 'rateOut', text: 'Out' },
  { value: 'rateIn', text: 'In' },
  { value: 'peer', text: 'Peer' },
  { value: 'state', text: 'State' },
];

/** Besides these, the address may filter by peer, topic and tag; such a filter is shown, and can be taken away. */
const others = ['peer', 'topic', 'tag'];

export function ConnectionFilters({ query, onChange }: { readonly query: TableQuery; readonly onChange: (query: TableQuery) => void }) {
  const { filters } = query;
  const search = useCallback((text: string) => onChange(withFilter(query, 'q', text)), [query, onChange]);
  const state = filters['state'] ?? filters['phase'] ?? '';
  const known = states.some(({ value }) => value === state) ? states : [...states, { value: state, text: state }];
  const protocol = filters['protocol'] ?? '';
  const knownProtocols = protocols.some(({ value }) => value === protocol) ? protocols : [...protocols, { value: protocol, text: protocol }];
  return (
    <div className="filters" role="search">
      <SearchBox label="Search peer, topic, tag, state" value={filters['q'] ?? ''} onChange={search} />
      <Choice label="State" value={state} options={known} onChange={(value) => onChange(withFilter(withFilter(query, 'phase', ''), 'state', value))} />
      <Choice label="Protocol" value={protocol} options={knownProtocols} onChange={(value) => onChange(withFilter(query, 'protocol', value))} />
      <SortChoice query={query} sorts={sorts} onChange={onChange} />
      {others
        .filter((name) => filters[name] !== undefined)
        .map((name) => (
          <button key={name} type="button" className="button small quiet" onClick={() => onChange(withFilter(query, name, ''))}>
            {name}: {filters[name]} ×
          </button>
        ))}
    </div>
  );
}
