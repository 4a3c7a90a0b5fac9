// The load generator process: takes commands over IPC, does one job, and ends with its parent.

import { FanoutLoad } from './fanout.ts';
import type { Answer, Command, Workload } from './job.ts';
import { makeWorkload } from './workload.ts';

let workload: Workload | null = null;
let cpuBefore = process.cpuUsage();

function answer(message: Answer): void {
  process.send?.(message);
}

async function obey(command: Command): Promise<void> {
  if (command.command === 'open') {
    workload = makeWorkload(command.job, () => answer({ answer: 'arrived' }));
    await workload.open();
    cpuBefore = process.cpuUsage();
    answer({ answer: 'opened' });
  } else if (command.command === 'publish') {
    if (workload instanceof FanoutLoad) workload.publish();
  } else {
    // Counted since the last time: a shared fan-out has done its work before it is asked for the result.
    const messages = (await workload?.run(command.durationMs)) ?? 0;
    const { user, system } = process.cpuUsage(cpuBefore);
    cpuBefore = process.cpuUsage();
    answer({ answer: 'done', messages, cpuUs: user + system });
  }
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ answer: 'failed', message } satisfies Answer, () => process.exit(1));
}

process.on('message', (command: Command) => void obey(command).catch(fail));
process.on('uncaughtException', fail);
process.on('disconnect', () => process.exit(0));
