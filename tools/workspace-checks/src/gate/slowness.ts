// How much slower than a quiet development machine this one is now. Time limits of tests are multiplied by it: they are there to end
// what hangs, and a machine that is busy with other work has not hung.

import { cpus, loadavg } from 'node:os';

/** CPU time of `burn` on the machine that the limits were chosen on. */
const referenceMs = 8;
const rounds = 3_000_000;

/** Work of a fixed size that is neither optimised away nor dependent on memory. */
function burn(): number {
  let state = 1;
  for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

/** CPU time of one `burn` in ms: the least of three, the first of which compiles it. */
function burnMs(): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = process.cpuUsage();
    burn();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** 1 on a quiet machine that is fast enough, and up to 50: by its processor, and by how many processes wait for each core. */
export function slowness(cpuMs: number = burnMs(), load: number = loadavg()[0]!, cores: number = cpus().length): number {
  const byProcessor = Math.max(1, cpuMs / referenceMs);
  const byLoad = Math.max(1, load / Math.max(1, cores));
  return Math.min(50, byProcessor * byLoad);
}
