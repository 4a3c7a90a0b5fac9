// A long table of which only the rows on screen are elements. It is one stop for the Tab key; arrows, Page, Home and End move the
// current row, Enter opens it. The current row stays with its connection when the order changes under it.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { RowWindow } from '../connections/row-window.ts';
import type { Order } from '../connections/table-query.ts';
import type { GridColumn } from './grid-column.tsx';
import { GridHead } from './grid-head.tsx';
import { GridRow } from './grid-row.tsx';

interface DataGridProps<Row> {
  readonly name: string;
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: RowWindow<Row>;
  readonly idOf: (row: Row) => number;
  readonly hrefOf: (row: Row) => string;
  readonly rowHeight: number;
  readonly sort: string;
  readonly order: Order;
  readonly onSort: (sort: string) => void;
  /** Which rows are on screen. */
  readonly onView: (first: number, last: number) => void;
  readonly empty: string;
}

export function DataGrid<Row>({ name, label, columns, rows, idOf, hrefOf, rowHeight, sort, order, onSort, onView, empty }: DataGridProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<{ readonly index: number; readonly id: number | null }>({ index: 0, id: null });
  const virtual = useVirtualizer({ count: rows.matched, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10, paddingStart: 34 });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 40];
  useEffect(() => onView(first, last), [first, last, onView]);
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const moved = current.id === null ? null : rows.find((row) => idOf(row) === current.id);
  const index = Math.max(0, Math.min(moved ?? current.index, rows.matched - 1));
  const choose = (wanted: number): void => {
    const next = Math.max(0, Math.min(wanted, rows.matched - 1));
    const row = rows.at(next);
    setCurrent({ index: next, id: row === undefined ? null : idOf(row) });
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const press = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const steps: Readonly<Record<string, number>> = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page, Home: 0, End: rows.matched - 1 };
    const wanted = steps[event.key];
    const row = rows.at(index);
    if (wanted !== undefined) choose(wanted);
    else if (event.key === 'Enter' && row !== undefined) location.hash = hrefOf(row);
    else return;
    event.preventDefault();
  };
  const rowId = (at: number): string => `${name}-row-${at}`;
  const isShown = items.some((item) => item.index === index);
  return (
    <div
      className={`grid ${name}-grid`}
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.matched + 1}
      aria-colcount={columns.length}
      aria-activedescendant={isShown ? rowId(index) : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <GridHead columns={columns} sort={sort} order={order} onSort={onSort} />
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() - 34 }}>
        {items.map((item) => (
          <GridRow
            key={item.key}
            id={rowId(item.index)}
            index={item.index}
            top={item.start - 34}
            height={rowHeight}
            row={rows.at(item.index)}
            columns={columns}
            hrefOf={hrefOf}
            isCurrent={item.index === index}
            onChoose={choose}
          />
        ))}
      </div>
      {rows.isKnown && rows.matched === 0 ? <p className="grid-empty">{empty}</p> : null}
    </div>
  );
}
