// From a job to the workload that does it.

import { EchoLoad } from './echo.ts';
import { EventsLoad } from './events.ts';
import { FanoutLoad } from './fanout.ts';
import { IdleLoad } from './idle.ts';
import type { Job, Workload } from './job.ts';
import { RequestLoad } from './requests.ts';

/** `arrived` is what a shared fan-out calls for each batch that its connections have received. */
export function makeWorkload(job: Job, arrived: () => void): Workload {
  switch (job.kind) {
    case 'echo':
      return new EchoLoad(job);
    case 'fanout':
      return new FanoutLoad(job, arrived);
    case 'request':
      return new RequestLoad(job);
    case 'events':
      return new EventsLoad(job);
    case 'idle':
      return new IdleLoad(job);
  }
}
