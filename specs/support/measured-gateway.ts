// A gateway in a process of its own, which tells its parent how its event loop is doing: for a while, the delay of the loop and how often it
// woke up for a timer. Started by `fork`; it listens to messages.
//
//     ◀── { port }          ──▶ { forMs }          ◀── { p99Ms, wakeUps, connections }

import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Listening {
  readonly port: number;
}

export interface LoopReport {
  /** 99th percentile of the loop's delay, in ms, what the sampling itself waits for taken off. */
  readonly p99Ms: number;
  /** Timers of JavaScript that fired. */
  readonly wakeUps: number;
  /** Open in the end. */
  readonly connections: number;
}

const resolutionMs = 5;
let wakeUps = 0;
const schedule = globalThis.setTimeout;
// Before anything that keeps a reference to it is loaded.
globalThis.setTimeout = ((callback: (...args: unknown[]) => void, ...rest: [number, ...unknown[]]) =>
  schedule((...args: unknown[]) => {
    wakeUps++;
    callback(...args);
  }, ...rest)) as typeof setTimeout;

const { runGateway } = await import('./running-gateway.ts');
const running = await runGateway({ tls: false, config: { admin: 'off', demo: false, log: { access: false } } });

process.on('disconnect', () => process.exit());
process.on('message', ({ forMs }: { forMs: number }) => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  const before = wakeUps;
  delay.enable();
  schedule(() => {
    delay.disable();
    const report: LoopReport = {
      p99Ms: delay.percentile(99) / 1e6 - resolutionMs,
      wakeUps: wakeUps - before,
      connections: running.gateway.registry.size,
    };
    process.send?.(report);
  }, forMs);
});
process.on('disconnect', () => process.exit());
process.send?.({ port: running.port } satisfies Listening);
