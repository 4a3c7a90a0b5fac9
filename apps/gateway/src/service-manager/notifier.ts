// How messages reach the service manager's socket (NOTIFY_SOCKET): one after the other, in order, and never by blocking the event loop.
//
// Directly where a datagram can be sent from here. Otherwise by systemd's own command, `systemd-notify`, one process for each message; the manager
// then hears from another process than the service's, and needs NotifyAccess=all.

import { execFile } from 'node:child_process';
import { openDatagramSender, type DatagramSender } from './datagram-sender.ts';

/** Messages that wait while the manager does not read; more are dropped, the oldest first. */
const maxWaiting = 16;
const retryMs = 100;

export interface Notifier {
  /** `lines` are assignments such as `READY=1`. */
  send(...lines: readonly string[]): void;
  /** Resolves when what waits has been sent, or given up. */
  close(): Promise<void>;
}

/** A notifier for the socket `path`: by datagrams if possible, otherwise by the command. */
export function openNotifier(path: string, onFailure: (error: string) => void): Notifier {
  const sender = openDatagramSender(path);
  return sender === null ? new CommandNotifier(path, onFailure) : new DatagramNotifier(sender, onFailure);
}

export class DatagramNotifier implements Notifier {
  readonly #sender: DatagramSender;
  readonly #onFailure: (error: string) => void;
  readonly #waiting: string[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(sender: DatagramSender, onFailure: (error: string) => void) {
    this.#sender = sender;
    this.#onFailure = onFailure;
  }

  send(...lines: readonly string[]): void {
    this.#waiting.push(lines.join('\n'));
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
    this.#flush();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    this.#waiting.length = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#sender.close();
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const result = this.#sender.send(this.#waiting[0]!);
      if (result === 'busy') {
        this.#timer ??= setTimeout(() => {
          this.#timer = null;
          this.#flush();
        }, retryMs).unref();
        return;
      }
      const [message = ''] = this.#waiting.splice(0, 1);
      if (result === 'failed') this.#onFailure(`${message.split('\n')[0]} could not be sent`);
    }
  }
}

export class CommandNotifier implements Notifier {
  readonly #path: string;
  readonly #onFailure: (error: string) => void;
  #sent: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(path: string, onFailure: (error: string) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  send(...lines: readonly string[]): void {
    if (this.#waiting >= maxWaiting) return;
    this.#waiting++;
    this.#sent = this.#sent.then(() => this.#run(lines));
  }

  close(): Promise<void> {
    return this.#sent;
  }

  #run(lines: readonly string[]): Promise<void> {
    const env = { ...process.env, NOTIFY_SOCKET: this.#path };
    return new Promise((done) => {
      execFile('systemd-notify', ['--', ...lines], { env, timeout: 10_000 }, (error) => {
        this.#waiting--;
        if (error !== null) this.#onFailure(`systemd-notify: ${error.message}`);
        done();
      });
    });
  }
}
