import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/load/job.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { jobsFor, sourceAddresses } from '../../src/jobs.ts';
import { rows } from '../../src/rows.ts';

describe('workloads', () => {
  it('exist for the job of every row', () => {
    const jobs = rows.flatMap(({ work }): Job[] => jobsFor(work, 1, sourceAddresses()));
    for (const job of jobs) expect(makeWorkload(job, () => undefined)).toHaveProperty('open');
    expect(new Set(jobs.map(({ kind }) => kind))).toEqual(new Set(['echo', 'fanout', 'request', 'events', 'idle']));
  });
});
