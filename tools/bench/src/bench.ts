// Runs the rows: the servers of a row are started together and measured in turn, round after round, so that whatever
// else the machine does falls on all of them alike.

import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { fileName, sourceAddresses } from './jobs.ts';
import { measureCpu, measureIdle, measureWatched, warmUpConnections, type Pace, type Sample } from './measure.ts';
import { openFilesLimit } from './proc.ts';
import type { BenchResult, Cells } from './report.ts';
import type { Row } from './rows.ts';
import { scratchDirectory } from './scratch.ts';
import { bun, gateway, nodeHttp, uninspected, ws } from './servers/node-servers.ts';
import { nginx } from './servers/nginx.ts';
import type { Launcher, RunningServer, ServerName } from './servers/server.ts';

export const launchers: readonly Launcher[] = [gateway, ws, nodeHttp, bun, nginx, uninspected];
const spareDescriptors = 200;

export interface BenchRun {
  readonly rows: readonly Row[];
  readonly pace: Pace;
  readonly launchers: readonly Launcher[];
  /** Told what is going on, one line at a time. */
  readonly progress: (line: string) => void;
}

export async function runBench({ rows, pace, launchers: all, progress }: BenchRun): Promise<BenchResult> {
  const { path: root, remove } = scratchDirectory('files');
  const addresses = sourceAddresses();
  const versions: Partial<Record<ServerName, string>> = {};
  const present = all.filter((launcher) => {
    const probe = launcher.probe();
    versions[launcher.name] = 'version' in probe ? probe.version : `(${probe.missing})`;
    return 'version' in probe;
  });
  const results: { row: Row; cells: Cells }[] = [];
  try {
    for (const row of rows) {
      if (row.work.kind === 'static') writeFileSync(join(root, fileName(row.work.bytes)), Buffer.alloc(row.work.bytes, 'x'));
      const taking = present.filter(({ name }) => row.servers.includes(name));
      results.push({ row, cells: await runRow(row, taking, { root, pace, addresses, progress }) });
    }
  } finally {
    remove();
  }
  const processor = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${processor.length} × ${processor[0]?.model ?? 'unknown'}, Linux ${release()}, Node ${process.versions.node}`,
    pace: `${pace.rounds} rounds of ${pace.windowMs} ms`,
    versions,
    rows: results,
  };
}

interface RowContext {
  readonly root: string;
  readonly pace: Pace;
  readonly addresses: Iterator<string, never>;
  readonly progress: (line: string) => void;
}

/** One round at one server: usually one sample, of that server. */
async function measure(row: Row, name: ServerName, server: RunningServer, { pace, addresses }: RowContext): Promise<[ServerName, Sample][]> {
  switch (row.work.kind) {
    case 'watched': {
      const { gateway: watched, unwatched } = await measureWatched(row, server, pace, addresses);
      return [['gateway', watched], ['unwatched', unwatched]];
    }
    case 'idle':
      return [[name, await measureIdle(row, server, pace, addresses)]];
    default:
      return [[name, await measureCpu(row, server, pace, addresses)]];
  }
}

async function runRow(row: Row, launchers: readonly Launcher[], context: RowContext): Promise<Cells> {
  const cells = new Map<ServerName, { samples: Sample[]; problem: string | null }>();
  for (const { name } of launchers) cells.set(name, { samples: [], problem: null });
  const isIdle = row.work.kind === 'idle';
  const isFresh = isIdle || row.freshRounds !== undefined;
  const rounds = context.pace.rounds * (row.freshRounds ?? 1);
  const { connections } = row.work;
  const descriptors = connections + (isIdle ? warmUpConnections(connections) : 0) + spareDescriptors;
  if (descriptors > openFilesLimit()) {
    for (const cell of cells.values()) cell.problem = `needs ${descriptors} open files`;
    return Object.fromEntries(cells);
  }
  const servers = new Map<ServerName, RunningServer>();
  const { path, remove } = scratchDirectory('certificate');
  try {
    const tls = row.secure === true ? makeCertificate(path) : null;
    for (let round = 0; round < rounds; round++) {
      // Each is the first as often as the last.
      for (const launcher of round % 2 === 0 ? launchers : launchers.toReversed()) {
        const cell = cells.get(launcher.name);
        if (cell === undefined || cell.problem !== null) continue;
        try {
          const server =
            servers.get(launcher.name) ?? (await launcher.start({ root: context.root, forMemory: isIdle, tls }));
          servers.set(launcher.name, server);
          for (const [name, sample] of await measure(row, launcher.name, server, context)) {
            const samples = cells.get(name) ?? { samples: [], problem: null };
            cells.set(name, samples);
            samples.samples.push(sample);
            context.progress(`${row.name}  ${name}  ${sample.value.toFixed(2)} ${row.unit}`);
          }
          if (isFresh) {
            servers.delete(launcher.name); // memory once grown is not given back, and a process keeps the luck of its start
            await server.stop();
          }
        } catch (error) {
          cell.problem = error instanceof Error ? error.message : String(error);
          context.progress(`${row.name}  ${launcher.name}  failed: ${cell.problem}`);
        }
      }
    }
  } catch (error) {
    for (const cell of cells.values()) cell.problem ??= error instanceof Error ? error.message : String(error);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
    remove();
  }
  return Object.fromEntries(cells);
}
