// Runs a workload in a process of its own against a server of the test, as the bench does.

import { onTestFinished } from 'vitest';
import { LoadGenerator, type LoadResult } from '../../src/load-generator.ts';
import type { Job } from '../../src/load/job.ts';

export async function drive(jobs: readonly Job[], durationMs = 50): Promise<LoadResult> {
  const load = new LoadGenerator(jobs);
  onTestFinished(() => load.stop());
  await load.open();
  return load.run(durationMs);
}
