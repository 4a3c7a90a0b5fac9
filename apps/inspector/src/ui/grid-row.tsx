import type { GridColumn } from './grid-column.tsx';

interface GridRowProps<Row> {
  readonly id: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  /** Not here yet: its cells are empty. */
  readonly row: Row | undefined;
  readonly columns: readonly GridColumn<Row>[];
  readonly hrefOf: (row: Row) => string;
  readonly isCurrent: boolean;
  readonly onChoose: (index: number) => void;
}

/** The first cell has the link; the style sheet spreads it over the row. */
export function GridRow<Row>({ id, index, top, height, row, columns, hrefOf, isCurrent, onChoose }: GridRowProps<Row>) {
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={index + 2}
      aria-selected={isCurrent}
      className={row === undefined ? 'grid-row pending' : 'grid-row'}
      style={{ transform: `translateY(${top}px)`, height }}
      onPointerDown={() => onChoose(index)}
    >
      {columns.map((column, at) => (
        <div key={column.name} role="gridcell" className={`cell cell-${column.name} ${column.isNumber === true ? 'number' : ''}`}>
          {row === undefined ? null : at === 0 ? (
            <a className="row-link" href={hrefOf(row)} tabIndex={-1}>
              {column.render(row)}
            </a>
          ) : (
            column.render(row)
          )}
        </div>
      ))}
    </div>
  );
}
