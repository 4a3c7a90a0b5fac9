import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ServiceManager, watchdogMs } from '../../src/service-manager/service-manager.ts';

let sent: string[][];
let opened: string[];
beforeEach(() => {
  sent = [];
  opened = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

function manager(env: Record<string, string>): ServiceManager {
  const open = (path: string) => {
    opened.push(path);
    return { send: (...lines: readonly string[]) => void sent.push([...lines]), close: async () => {} };
  };
  return new ServiceManager({ env, pid: 7, onFailure: () => {}, open });
}

it('sends what sd_notify(3) names for each step', () => {
  const told = manager({ NOTIFY_SOCKET: '/run/notify' });
  told.ready('Serving');
  told.reloading();
  told.stopping('Draining 3 connections');
  told.status('Closing');
  expect(opened).toEqual(['/run/notify']);
  expect(sent).toEqual([
    ['READY=1', 'STATUS=Serving'],
    ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/), 'STATUS=Reloading the configuration'],
    ['STOPPING=1', 'STATUS=Draining 3 connections'],
    ['STATUS=Closing'],
  ]);
});

it('opens nothing where no manager asks', () => {
  manager({ WATCHDOG_USEC: '1000000' }).ready('Serving');
  vi.advanceTimersByTime(10_000);
  expect([opened, sent]).toEqual([[], []]);
});

it('reports that it lives at half of the interval, until it is closed', async () => {
  const told = manager({ NOTIFY_SOCKET: '@notify', WATCHDOG_USEC: '2000000', WATCHDOG_PID: '7' });
  vi.advanceTimersByTime(3500);
  expect(sent).toEqual([['WATCHDOG=1'], ['WATCHDOG=1'], ['WATCHDOG=1']]);
  await told.close();
  vi.advanceTimersByTime(3500);
  expect(sent).toHaveLength(3);
});

it.each([
  [{ WATCHDOG_USEC: '30000000' }, 30_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, null],
  [{ WATCHDOG_USEC: '0' }, null],
  [{ WATCHDOG_USEC: '-5' }, null],
  [{}, null],
])('%j: the interval is %s ms', (env, expected) => {
  expect(watchdogMs(env, 7)).toBe(expected);
});
