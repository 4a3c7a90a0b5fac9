// Lays graphs out with ELK, in a thread of its own that lives for the one answer (chart-layout-worker.ts).

import { Worker } from 'node:worker_threads';
import type { LayoutNode } from '@sluice/inspection';

/** The worker is this file's neighbour, in the sources as in what is built of them. */
const suffix = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const workerUrl = new URL(`./chart-layout-worker${suffix}`, import.meta.url);

export type LayOut = (graph: LayoutNode) => Promise<LayoutNode>;

export const layOut: LayOut = (graph) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: graph });
    worker.once('message', (placed: LayoutNode) => {
      resolve(placed);
      void worker.terminate();
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the layout ended without an answer')));
  });
