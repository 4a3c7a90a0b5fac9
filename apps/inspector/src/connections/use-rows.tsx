// The rows of a table that are on screen, asked for once a second, and at once when others come into view or the question changes.

import { useCallback, useEffect, useRef, useState } from 'react';
import { getJson, Refusal } from '../api/client.ts';
import { RowWindow, type Part } from './row-window.ts';

const everyMs = 1000;
/** While somebody scrolls, not every row that flies by is asked for. */
const settleMs = 60;

interface Rows<Row> {
  readonly rows: RowWindow<Row>;
  readonly refusal: string | null;
  readonly onView: (first: number, last: number) => void;
}

/** `pathOf` must stay the same while the question is; `read` makes of an answer what the table needs. */
export function useRows<Row, Page>(pathOf: (offset: number, limit: number) => string, read: (page: Page, offset: number) => Part<Row>): Rows<Row> {
  const [rows] = useState(() => new RowWindow<Row>());
  const [, setVersion] = useState(0);
  const [refusal, setRefusal] = useState<string | null>(null);
  const view = useRef({ first: 0, last: 40 });
  const hurry = useRef<() => void>(() => {});

  useEffect(() => {
    let leaving = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      const { signal } = leaving;
      if (!document.hidden) {
        const { offset, limit } = rows.wanted(view.current.first, view.current.last);
        try {
          rows.put(read(await getJson<Page>(pathOf(offset, limit), signal), offset));
          setRefusal(null);
        } catch (error) {
          if (signal.aborted) return;
          if (error instanceof Refusal) setRefusal(error.message);
        }
        setVersion((version) => version + 1);
      }
      if (!signal.aborted) timer = window.setTimeout(() => void ask(), everyMs);
    };
    const restart = (ms: number): void => {
      leaving.abort();
      leaving = new AbortController();
      clearTimeout(timer);
      timer = window.setTimeout(() => void ask(), ms);
    };
    hurry.current = () => restart(settleMs);
    rows.clear();
    restart(0);
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [rows, pathOf, read]);

  const onView = useCallback(
    (first: number, last: number): void => {
      view.current = { first, last };
      if (rows.isKnown && rows.lacks(first, last)) hurry.current();
    },
    [rows],
  );
  return { rows, refusal, onView };
}
