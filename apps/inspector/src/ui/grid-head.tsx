import type { Order } from '../connections/table-query.ts';
import type { GridColumn } from './grid-column.tsx';

interface GridHeadProps<Row> {
  readonly columns: readonly GridColumn<Row>[];
  readonly sort: string;
  readonly order: Order;
  readonly onSort: (sort: string) => void;
}

export function GridHead<Row>({ columns, sort, order, onSort }: GridHeadProps<Row>) {
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="grid-row">
        {columns.map((column) => {
          const isSorted = column.sort !== undefined && column.sort === sort;
          const direction = order === 'asc' ? 'ascending' : 'descending';
          return (
            <div
              key={column.name}
              role="columnheader"
              className={`cell cell-${column.name} ${column.isNumber === true ? 'number' : ''}`}
              aria-sort={column.sort === undefined ? undefined : isSorted ? direction : 'none'}
            >
              {column.sort === undefined ? (
                column.title
              ) : (
                <button type="button" className="sort" data-order={isSorted ? order : undefined} onClick={() => onSort(column.sort ?? '')}>
                  {column.title}
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
