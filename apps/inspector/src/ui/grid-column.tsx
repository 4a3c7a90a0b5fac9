import type { ReactNode } from 'react';

export interface GridColumn<Row> {
  /** Of its cells, for the style sheet: `cell-queued`. */
  readonly name: string;
  readonly title: string;
  /** What the server sorts by; without, it is not sorted by. */
  readonly sort?: string;
  readonly isNumber?: boolean;
  readonly render: (row: Row) => ReactNode;
}
