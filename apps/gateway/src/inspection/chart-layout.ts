// Lays graphs out with ELK, in a thread of its own that lives for the one answer (chart-layout-worker.ts).

import { Worker } from 'node:worker_threads';
import type { LayoutNode } from '@sluice/inspection';

/** The worker is this file's neighbour, in the sources as in what is built of them. */
const suffix = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const workerUrl = new URL(`./chart-layout-worker${suffix}`, import.meta.url);

export type LayOut = (graph: LayoutNode) => Promise<LayoutNode>;

export interface LayoutThread {
  /** The module that it runs. */
  readonly url: URL;
  /** How long an answer may take; the thread is ended then. */
  readonly timeoutMs: number;
}

export function layOutIn({ url, timeoutMs }: LayoutThread): LayOut {
  return (graph) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(url, { workerData: graph });
      const end = (): void => void worker.terminate();
      const timer = setTimeout(() => {
        reject(new Error(`the layout gave no answer after ${timeoutMs} ms`));
        end();
      }, timeoutMs);
      worker.once('message', (placed: LayoutNode) => {
        resolve(placed);
        end();
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        clearTimeout(timer);
        reject(new Error('the layout ended without an answer'));
      });
    });
}

/** Half a second is usual; a machine with much else to do may take many times that. */
export const layOut: LayOut = layOutIn({ url: workerUrl, timeoutMs: 30_000 });
