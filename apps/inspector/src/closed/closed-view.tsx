import { useCallback, useMemo, useState } from 'react';
import { apiPath } from '../api/client.ts';
import type { ClosedPage, ClosedRow } from '../api/documents.ts';
import type { Part } from '../connections/row-window.ts';
import { SortChoice } from '../connections/sort-choice.tsx';
import { closedForm, formatTableQuery, parseTableQuery, requestQuery, sortedBy, withFilter, type TableQuery } from '../connections/table-query.ts';
import { useRows } from '../connections/use-rows.tsx';
import { formatCount } from '../format/count.ts';
import { formatRoute } from '../routing/route.ts';
import { adjust } from '../routing/use-route.tsx';
import { DataGrid } from '../ui/data-grid.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { useMedia } from '../ui/use-media.tsx';
import { closedColumns } from './closed-columns.tsx';
import { ReasonFilter } from './reason-filter.tsx';

const idOf = ({ id }: ClosedRow): number => id;
const hrefOf = ({ id }: ClosedRow): string => formatRoute({ view: 'closedConnection', id });
const sorts = [
  { value: 'closedAt', text: 'Closed at' },
  { value: 'reason', text: 'Reason' },
  { value: 'age', text: 'Was open' },
  { value: 'peer', text: 'Peer' },
  { value: 'bytesIn', text: 'Bytes in' },
  { value: 'bytesOut', text: 'Bytes out' },
];

/** The last that closed, and why. */
export function ClosedView({ query: text }: { readonly query: string }) {
  const query = useMemo(() => parseTableQuery(text, closedForm), [text]);
  const isNarrow = useMedia('(max-width: 719px)');
  const [reasons, setReasons] = useState<Readonly<Record<string, number>>>({});
  const pathOf = useCallback((offset: number, limit: number) => apiPath('closed', requestQuery(query, offset, limit)), [query]);
  const read = useCallback(({ matched, total, closed, reasons: counts }: ClosedPage, offset: number): Part<ClosedRow> => {
    if (counts !== undefined) setReasons(counts);
    return { offset, matched, total, rows: closed };
  }, []);
  const { rows, refusal, onView } = useRows<ClosedRow, ClosedPage>(pathOf, read);
  const show = useCallback((next: TableQuery) => adjust({ view: 'closed', query: formatTableQuery(next, closedForm) }), []);
  const search = useCallback((words: string) => show(withFilter(query, 'q', words)), [query, show]);
  return (
    <div className="view closed-view">
      <header className="view-head">
        <h1>Closed connections</h1>
        <p className="soft">The last that closed, with their recordings. Open one to see what led to it.</p>
      </header>
      <section className="panel table-panel" aria-label="Closed connections">
        <div className="filters" role="search">
          <SearchBox label="Search peer, protocol, reason" value={query.filters['q'] ?? ''} onChange={search} />
          <SortChoice query={query} sorts={sorts} onChange={show} />
        </div>
        <ReasonFilter reasons={reasons} chosen={query.filters['reason'] ?? ''} onChoose={(reason) => show(withFilter(query, 'reason', reason))} />
        <p className="table-count" role="status">
          {rows.isKnown ? `${formatCount(rows.matched)} of ${formatCount(rows.total)} kept` : 'Asking…'}
        </p>
        {refusal === null ? null : <p className="note bad">{refusal}</p>}
        <DataGrid
          name="closed"
          label="Closed connections"
          columns={closedColumns}
          rows={rows}
          idOf={idOf}
          hrefOf={hrefOf}
          rowHeight={isNarrow ? 62 : 30}
          sort={query.sort}
          order={query.order}
          onSort={(sort) => show(sortedBy(query, sort))}
          onView={onView}
          empty="None fits this."
        />
      </section>
    </div>
  );
}
