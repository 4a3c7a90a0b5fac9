// Charts, laid out by the gateway; each is asked for once.

import { useEffect, useState } from 'react';
import { apiPath, getJson } from '../api/client.ts';
import type { ChartDocument } from '../api/documents.ts';

const known = new Map<string, Promise<ChartDocument>>();

export interface ChartForm {
  readonly direction: 'right' | 'down';
  /** With the names of events on the arrows: more to read, and three times as wide. */
  readonly labels: boolean;
}

export function useChart(id: string | null, { direction, labels }: ChartForm): { chart: ChartDocument | null; problem: string | null } {
  const [chart, setChart] = useState<ChartDocument | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (id === null) return;
    let isCurrent = true;
    const path = apiPath(`charts/${encodeURIComponent(id)}`, `direction=${direction}&labels=${labels}`);
    let document = known.get(path);
    if (document === undefined) {
      document = getJson<ChartDocument>(path);
      known.set(path, document);
      document.catch(() => known.delete(path));
    }
    document.then(
      (found) => {
        if (!isCurrent) return;
        setChart(found);
        setProblem(null);
      },
      (error: unknown) => {
        if (isCurrent) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [id, direction, labels]);
  return { chart, problem };
}
