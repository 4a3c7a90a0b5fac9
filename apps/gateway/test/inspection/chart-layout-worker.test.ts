import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

it('answers in the form of the question', async () => {
  const workerUrl = new URL('../../src/inspection/chart-layout-worker.ts', import.meta.url);
  const worker = new Worker(workerUrl, { workerData: { id: 'root', children: [{ id: 'one', width: 10, height: 10 }] } });
  const [placed] = await once(worker, 'message');
  expect(placed).toMatchObject({ id: 'root', children: [{ id: 'one', x: 12, y: 12 }] });
  await worker.terminate();
});
