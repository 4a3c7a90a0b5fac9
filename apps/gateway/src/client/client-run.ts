// One run of a client command: its connector, what it says on standard error, its end. Standard output is the command's own.
//
// It ends with 0 when the command says `finish()` and the goodbye is said, or the reader of standard output has gone; with 1 when it fails
// or the connector gives up, or no other attempt would end otherwise. The first SIGINT ends in good order, the second at once.

import type { Connector, ConnectorObserver } from '@sluice/connection';
import type { ClientIo } from './client-io.ts';
import { failureText, isFinal } from './failure-text.ts';
import { printable } from './printable.ts';
import { Progress, type ProgressFacts } from './progress.ts';
import type { ClientRuntime } from './runtime.ts';

export interface ClientRunOptions {
  readonly io: ClientIo;
  readonly runtime: ClientRuntime;
  /** For the progress line: `sent`, `received`. */
  readonly verb: string;
  /** So far. */
  counts(): Pick<ProgressFacts, 'messages' | 'bytes'>;
  /** The exit status of an interrupted run. */
  onInterrupt(): 0 | 1;
}

const progressIntervalMs = 1000;

export class ClientRun {
  readonly observer: ConnectorObserver;
  /** The exit status, once everything has ended. */
  readonly ended: Promise<0 | 1>;
  readonly #options: ClientRunOptions;
  readonly #progress: Progress | null;
  #connector!: Connector;
  #end!: (status: 0 | 1) => void;
  #status: 0 | 1 = 0;
  #connects = 0;
  #isFinishing = false;
  readonly #endings: (() => void)[] = [];

  constructor(options: ClientRunOptions) {
    this.#options = options;
    const { stderr, isErrorTerminal } = options.io;
    this.#progress = isErrorTerminal ? new Progress(options.verb, (text) => void stderr.write(text)) : null;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.observer = {
      onConnected: () => void this.#connects++,
      onFailure: (_connector, failure) => {
        if (!this.#isFinishing) this.say(failureText(failure));
      },
      onStep: (connector, _from, to) => {
        if (to.phase !== 'waiting') return;
        if (this.#connects === 0 && connector.failure !== null && isFinal(connector.failure)) {
          this.finish(1);
          return;
        }
        const waitMs = connector.retryAtMs - options.runtime.clock.now();
        this.say(`trying again in ${(waitMs / 1000).toFixed(1)} s`);
      },
      onStopped: (_connector, failure) => this.#stopped(failure === null ? this.#status : 1),
    };
  }

  /** Begins. `release` is called at the end, whatever it is. */
  start(connector: Connector, release: () => void): void {
    const { io, runtime } = this.#options;
    this.#connector = connector;
    this.#endings.push(release);
    let interrupts = 0;
    this.#endings.push(
      io.onInterrupt(() => {
        if (interrupts++ > 0) connector.abort();
        else this.finish(this.#options.onInterrupt());
      }),
    );
    const onOutputError = (error: NodeJS.ErrnoException): void => {
      // The reader has seen enough, or its terminal is closed.
      if (error.code === 'EPIPE' || error.code === 'EIO') this.finish(0);
      else this.fail(`standard output: ${error.message}`);
    };
    io.stdout.on('error', onOutputError);
    if (this.#progress !== null) this.#endings.push(runtime.every(progressIntervalMs, () => this.#tick(progressIntervalMs)));
    connector.start();
  }

  /** Ends in good order. */
  finish(status: 0 | 1 = 0): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    this.#status = status;
    this.#connector.stop();
  }

  fail(text: string): void {
    if (this.#isFinishing) return;
    this.say(text);
    this.finish(1);
  }

  /** A line on standard error; the words may be the other side's. */
  say(text: string): void {
    this.#progress?.clear();
    this.#options.io.stderr.write(`sluice: ${printable(text)}\n`);
  }

  /** Before something is printed on standard output: when both are the same terminal, the progress line steps aside. */
  beforeOutput(): void {
    if (this.#options.io.isOutTerminal) this.#progress?.clear();
  }

  #tick(elapsedMs: number): void {
    const reconnects = Math.max(0, this.#connects - 1);
    this.#progress?.tick({ ...this.#options.counts(), reconnects, state: this.#connector.state.phase }, elapsedMs);
  }

  #stopped(status: 0 | 1): void {
    this.#isFinishing = true;
    if (this.#progress !== null) {
      this.#tick(Infinity);
      this.#options.io.stderr.write('\n');
    }
    for (const ending of this.#endings.splice(0).toReversed()) ending();
    this.#end(status);
  }
}
