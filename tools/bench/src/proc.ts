// CPU time and memory of processes, from Linux's /proc.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Clock ticks of user and system time in the text of /proc/PID/stat, of all threads. The command's name may hold anything. */
export function parseStatTicks(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error('not the text of a /proc/PID/stat');
  return ticks;
}

/** Resident bytes in the text of /proc/PID/status. */
export function parseStatusRss(text: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error('no VmRSS');
  return Number(kilobytes) * 1024;
}

/** The open-files limit in the text of /proc/PID/limits: the hard one, to which Node raises the soft one. */
export function parseOpenFilesLimit(text: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  if (hard === undefined) throw new Error('no limit of open files');
  return hard === 'unlimited' ? Infinity : Number(hard);
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

let usPerTick = 0;

/** CPU used so far by the processes, µs, in steps of a clock tick (usually 10 ms). */
export function cpuUs(pids: readonly number[]): number {
  usPerTick ||= 1_000_000 / ticksPerSecond();
  return pids.reduce((sum, pid) => sum + parseStatTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * usPerTick, 0);
}

/** Resident bytes of the processes. */
export function rssBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + parseStatusRss(readFileSync(`/proc/${pid}/status`, 'utf8')), 0);
}

export function openFilesLimit(): number {
  return parseOpenFilesLimit(readFileSync('/proc/self/limits', 'utf8'));
}
