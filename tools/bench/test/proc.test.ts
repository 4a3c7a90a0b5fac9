import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cpuUs, openFilesLimit, parseOpenFilesLimit, parseStatTicks, parseStatusRss, rssBytes } from '../src/proc.ts';

// Fields 3 to 17 of proc(5); utime and stime are the 14th and 15th.
const stat = (command: string): string => `4242 (${command}) S 1 4242 4242 0 -1 4194560 100 200 3 4 531 269 7 8 20 0 11 0 999\n`;

describe('texts of /proc', () => {
  it.each(['node', 'a b', 'x) R 1 2', ''])('adds up user and system ticks of (%s)', (command) => {
    expect(parseStatTicks(stat(command))).toBe(800);
  });

  it('refuses what is not a stat', () => {
    expect(() => parseStatTicks('4242 (node) S 1')).toThrow('stat');
  });

  it('finds resident bytes', () => {
    expect(parseStatusRss('Name:\tnode\nVmHWM:\t  900 kB\nVmRSS:\t   51200 kB\nThreads:\t11\n')).toBe(52_428_800);
    expect(() => parseStatusRss('Name:\tnode\n')).toThrow('VmRSS');
  });

  it('finds the hard limit of open files', () => {
    const line = (hard: string): string => `Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 ${hard}               files \n`;
    expect(parseOpenFilesLimit(line('20000'))).toBe(20_000);
    expect(parseOpenFilesLimit(line('unlimited'))).toBe(Infinity);
    expect(() => parseOpenFilesLimit('')).toThrow('open files');
  });
});

describe.runIf(process.platform === 'linux')('this process', () => {
  it('uses CPU, which is counted', () => {
    const before = cpuUs([process.pid]);
    const used = (): number => process.cpuUsage().user + process.cpuUsage().system;
    const start = used();
    while (used() - start < 50_000);
    expect(cpuUs([process.pid]) - before).toBeGreaterThanOrEqual(30_000);
  });

  it('is resident, as ps has it too', () => {
    const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(process.pid)], { encoding: 'utf8' }));
    expect(Math.abs(rssBytes([process.pid]) - kilobytes * 1024)).toBeLessThan(32 * 1024 * 1024);
  });

  it('may open files', () => {
    expect(openFilesLimit()).toBeGreaterThan(100);
  });
});
