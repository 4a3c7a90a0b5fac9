import { useState } from 'react';
import { apiPath } from '../api/client.ts';
import type { TotalsSample } from '../api/documents.ts';
import { useStream } from '../api/use-stream.tsx';
import { mostSamples, withSample } from './series.ts';

/** The last ten minutes, a sample a second. */
export function useTotals(): readonly TotalsSample[] {
  const [samples, setSamples] = useState<readonly TotalsSample[]>([]);
  useStream(apiPath('totals'), {
    history(data) {
      const history = Array.isArray(data) ? (data as TotalsSample[]) : ((data as { samples?: TotalsSample[] }).samples ?? []);
      setSamples(history.slice(-mostSamples));
    },
    sample(data) {
      setSamples((before) => withSample(before, data as TotalsSample));
    },
  });
  return samples;
}
