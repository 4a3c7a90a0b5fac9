import { useCallback, useMemo } from 'react';
import { apiPath } from '../api/client.ts';
import type { ConnectionPage, ConnectionRow } from '../api/documents.ts';
import { formatCount, formatQuantity } from '../format/count.ts';
import { formatRoute } from '../routing/route.ts';
import { adjust } from '../routing/use-route.tsx';
import { TotalsView } from '../totals/totals-view.tsx';
import { DataGrid } from '../ui/data-grid.tsx';
import { useMedia } from '../ui/use-media.tsx';
import { connectionColumns } from './connection-columns.tsx';
import { ConnectionFilters } from './connection-filters.tsx';
import type { Part } from './row-window.ts';
import { connectionsForm, formatTableQuery, parseTableQuery, requestQuery, sortedBy, type TableQuery } from './table-query.ts';
import { useRows } from './use-rows.tsx';

function read({ offset, matched, total, connections }: ConnectionPage): Part<ConnectionRow> {
  return { offset, matched, total, rows: connections };
}

const idOf = ({ id }: ConnectionRow): number => id;
const hrefOf = ({ id }: ConnectionRow): string => formatRoute({ view: 'connection', id });

/** Counts over time, then every connection. */
export function ConnectionsView({ query: text }: { readonly query: string }) {
  const query = useMemo(() => parseTableQuery(text, connectionsForm), [text]);
  const isNarrow = useMedia('(max-width: 719px)');
  const pathOf = useCallback((offset: number, limit: number) => apiPath('connections', requestQuery(query, offset, limit)), [query]);
  const { rows, refusal, onView } = useRows<ConnectionRow, ConnectionPage>(pathOf, read);
  const show = useCallback((next: TableQuery) => adjust({ view: 'connections', query: formatTableQuery(next, connectionsForm) }), []);
  const isFiltered = Object.keys(query.filters).length > 0;
  return (
    <div className="view connections-view">
      <h1 className="visually-hidden">Connections</h1>
      <TotalsView />
      <section className="panel table-panel" aria-label="All connections">
        <ConnectionFilters query={query} onChange={show} />
        <p className="table-count" role="status">
          {!rows.isKnown ? 'Asking…' : isFiltered ? `${formatCount(rows.matched)} of ${formatQuantity(rows.total, 'connection')}` : formatQuantity(rows.total, 'connection')}
        </p>
        {refusal === null ? null : <p className="note bad">{refusal}</p>}
        <DataGrid
          name="connections"
          label="Connections"
          columns={connectionColumns}
          rows={rows}
          idOf={idOf}
          hrefOf={hrefOf}
          rowHeight={isNarrow ? 62 : 30}
          sort={query.sort}
          order={query.order}
          onSort={(sort) => show(sortedBy(query, sort))}
          onView={onView}
          empty={isFiltered ? 'No connection fits this.' : 'Nobody is connected.'}
        />
      </section>
    </div>
  );
}
