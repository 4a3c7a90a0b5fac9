// What a service manager is told about the gateway, by the protocol of sd_notify(3): ready, reloading, stopping, a line of status, and that it lives.
//
// A manager that wants to hear sets NOTIFY_SOCKET. One that restarts a hung service sets WATCHDOG_USEC, and WATCHDOG_PID to the process it watches:
// the gateway then reports at half of that interval, from its event loop.

import { openNotifier, type Notifier } from './notifier.ts';

export interface ServiceManagerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Called when a message could not be sent. */
  readonly onFailure: (error: string) => void;
  readonly open?: (path: string, onFailure: (error: string) => void) => Notifier;
}

export class ServiceManager {
  readonly #notifier: Notifier | null;
  readonly #watchdog: NodeJS.Timeout | null;

  /** Without NOTIFY_SOCKET all methods do nothing. */
  constructor({ env, pid, onFailure, open = openNotifier }: ServiceManagerOptions) {
    const path = env['NOTIFY_SOCKET'] ?? '';
    this.#notifier = path === '' ? null : open(path, onFailure);
    const intervalMs = this.#notifier === null ? null : watchdogMs(env, pid);
    this.#watchdog = intervalMs === null ? null : setInterval(() => this.#notifier?.send('WATCHDOG=1'), intervalMs / 2).unref();
  }

  /** Start-up, or a reload, is complete. */
  ready(status: string): void {
    this.#notifier?.send('READY=1', `STATUS=${status}`);
  }

  /** The manager pairs this with the next `ready`; the time tells reloads apart. */
  reloading(): void {
    this.#notifier?.send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, 'STATUS=Reloading the configuration');
  }

  stopping(status: string): void {
    this.#notifier?.send('STOPPING=1', `STATUS=${status}`);
  }

  /** One line for people: `systemctl status` shows it. */
  status(status: string): void {
    this.#notifier?.send(`STATUS=${status}`);
  }

  /** Resolves when the last message has been sent, or given up. */
  async close(): Promise<void> {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    await this.#notifier?.close();
  }
}

/** The interval within which the manager wants a sign of life, in milliseconds; null if it wants none of this process. */
export function watchdogMs(env: ServiceManagerOptions['env'], pid: number): number | null {
  const { WATCHDOG_USEC = '', WATCHDOG_PID = String(pid) } = env;
  if (WATCHDOG_PID !== String(pid) || !/^[1-9]\d{0,15}$/.test(WATCHDOG_USEC)) return null;
  return Number(WATCHDOG_USEC) / 1000;
}
