// A document that is asked for again and again while its view is open and the page is looked at.

import { useEffect, useState } from 'react';
import { getJson, Refusal } from './client.ts';

export interface Polled<Document> {
  readonly document: Document | null;
  /** What the gateway refused it with; what came before stays. */
  readonly refusal: Refusal | null;
}

/** `null` asks for nothing. */
export function usePoll<Document>(path: string | null, everyMs: number): Polled<Document> {
  const [polled, setPolled] = useState<Polled<Document> & { readonly path: string | null }>({ path, document: null, refusal: null });
  useEffect(() => {
    if (path === null) return;
    const leaving = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      if (!globalThis.document.hidden) {
        try {
          const document = await getJson<Document>(path, leaving.signal);
          setPolled({ path, document, refusal: null });
        } catch (error) {
          if (leaving.signal.aborted) return;
          if (error instanceof Refusal) setPolled((before) => ({ path, document: before.path === path ? before.document : null, refusal: error }));
          // What is gone does not come back: numbers are given once.
          if (error instanceof Refusal && error.status === 404) return;
        }
      }
      if (!leaving.signal.aborted) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs]);
  return polled.path === path ? polled : { document: null, refusal: null };
}
