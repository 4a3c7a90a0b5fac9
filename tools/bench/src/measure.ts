// One measurement: one server, one row, once.

import { setTimeout as sleep } from 'node:timers/promises';
import { jobsFor } from './jobs.ts';
import { LoadGenerator } from './load-generator.ts';
import { PageVisit } from './page-visit.ts';
import { cpuUs, rssBytes } from './proc.ts';
import type { Row } from './rows.ts';
import type { RunningServer } from './servers/server.ts';

/** How long things take, ms. */
export interface Pace {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Pause between two readings of memory. */
  readonly settleMs: number;
}

export interface Sample {
  /** In the row's unit. */
  readonly value: number;
  /** The load generator's own CPU per message, µs. */
  readonly generatorUs: number;
  readonly messages: number;
}

/** Server CPU per delivered message over one window, after a warm-up on the same connections. */
export async function measureCpu(
  row: Row,
  server: RunningServer,
  pace: Pace,
  addresses: Iterator<string, never>,
): Promise<Sample> {
  const load = new LoadGenerator(jobsFor(row.work, server.port, addresses, row.secure));
  try {
    await load.open();
    await load.run(pace.warmUpMs);
    const before = cpuUs(server.pids);
    const { messages, cpuUs: generatorUs } = await load.run(pace.windowMs);
    const used = cpuUs(server.pids) - before;
    return { value: used / messages, generatorUs: generatorUs / messages, messages };
  } finally {
    await load.stop();
  }
}

/** Windows with the page open and without: what drifts from the first to the last weighs on both alike. */
const visits = [false, true, true, false];

/** The same, at the same connections of the same process, with the inspector's page open and without. */
export async function measureWatched(
  row: Row,
  server: RunningServer,
  pace: Pace,
  addresses: Iterator<string, never>,
): Promise<{ gateway: Sample; unwatched: Sample }> {
  const { adminPort } = server;
  if (adminPort === undefined) throw new Error('there is no inspector to be opened');
  const load = new LoadGenerator(jobsFor(row.work, server.port, addresses, row.secure));
  const sums = { gateway: { us: 0, generatorUs: 0, messages: 0 }, unwatched: { us: 0, generatorUs: 0, messages: 0 } };
  try {
    await load.open();
    await load.run(pace.warmUpMs);
    for (const isWatched of visits) {
      const visit = isWatched ? await PageVisit.open(adminPort) : null;
      try {
        await load.run(pace.warmUpMs);
        const before = cpuUs(server.pids);
        const { messages, cpuUs: generatorUs } = await load.run(pace.windowMs);
        const sum = sums[isWatched ? 'gateway' : 'unwatched'];
        sum.us += cpuUs(server.pids) - before;
        sum.generatorUs += generatorUs;
        sum.messages += messages;
      } finally {
        await visit?.close();
      }
    }
  } finally {
    await load.stop();
  }
  const sampleOf = ({ us, generatorUs, messages }: typeof sums.gateway): Sample => ({
    value: us / messages,
    generatorUs: generatorUs / messages,
    messages,
  });
  return { gateway: sampleOf(sums.gateway), unwatched: sampleOf(sums.unwatched) };
}

/** How many connections are open before those that are counted. */
export function warmUpConnections(counted: number): number {
  return Math.ceil(counted / 2);
}

/**
 * Resident bytes per idle connection, garbage collected before and after. Half as many connections have been opened, used
 * and are still there when the count begins: code, first-time allocations and V8's young generation, which grows to its
 * full size (48 MB) while connections are opened, are not in it, and nothing has been freed that could be used again.
 */
export async function measureIdle(
  row: Row,
  server: RunningServer,
  pace: Pace,
  addresses: Iterator<string, never>,
): Promise<Sample> {
  const warmUp = new LoadGenerator(
    jobsFor(
      { kind: 'fanout', connections: warmUpConnections(row.work.connections), inFlight: 1, bytes: 64 },
      server.port,
      addresses,
      row.secure,
    ),
  );
  const load = new LoadGenerator(jobsFor(row.work, server.port, addresses, row.secure));
  try {
    await warmUp.open();
    await warmUp.run(pace.warmUpMs);
    const before = await settledRss(server, pace.settleMs);
    await load.open();
    const { messages } = await load.run(pace.settleMs);
    if (messages !== row.work.connections) throw new Error(`only ${messages} connections stayed open`);
    const after = await settledRss(server, pace.settleMs);
    return { value: (after - before) / messages, generatorUs: 0, messages };
  } finally {
    await Promise.all([warmUp.stop(), load.stop()]);
  }
}

/** RSS once collecting garbage lowers it by less than 1 % any more. */
async function settledRss(server: RunningServer, settleMs: number): Promise<number> {
  let rss = rssBytes(server.pids);
  for (let turn = 0; turn < 10; turn++) {
    if (server.collects) for (const pid of server.pids) process.kill(pid, 'SIGUSR2');
    await sleep(settleMs);
    const next = rssBytes(server.pids);
    if (turn > 0 && next > rss * 0.99) return next;
    rss = next;
  }
  return rss;
}
