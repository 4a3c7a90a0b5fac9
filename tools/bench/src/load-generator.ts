// The load generator as the bench sees it: one or several processes doing one piece of work together.

import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { adoptChild, stopChild } from './children.ts';
import type { Answer, Command, Job } from './load/job.ts';

const program = resolve(import.meta.dirname, 'load/worker.ts');
const stallMs = 60_000;

export interface LoadResult {
  readonly messages: number;
  /** CPU of all generator processes while they worked, µs. */
  readonly cpuUs: number;
}

class Worker {
  readonly #child: ChildProcess = adoptChild(fork(program, { execArgv: [] }));
  #expected: { answer: Answer['answer']; done: (answer: Answer) => void; fail: (error: Error) => void } | null = null;
  #failure: Error | null = null;
  onArrived: () => void = () => undefined;

  constructor() {
    this.#child.on('message', (message: Answer) => {
      if (message.answer === 'arrived') this.onArrived();
      else if (message.answer === 'failed') this.#fail(new Error(message.message));
      else if (message.answer === this.#expected?.answer) this.#expected.done(message);
    });
    this.#child.once('exit', () => this.#fail(new Error('the load generator ended')));
  }

  tell(command: Command): void {
    if (this.#child.connected) this.#child.send(command);
  }

  /** Rejects when the worker fails, and when nothing comes for a minute more than was to be expected. */
  async ask(command: Command, answer: 'opened' | 'done', expectedMs = 0): Promise<LoadResult> {
    if (this.#failure !== null) throw this.#failure;
    const { promise, resolve: done, reject: fail } = Promise.withResolvers<Answer>();
    this.#expected = { answer, done, fail };
    const timer = setTimeout(() => fail(new Error(`stalled: no '${answer}' in time`)), expectedMs + stallMs);
    this.tell(command);
    try {
      const message = await promise;
      return message.answer === 'done' ? message : { messages: 0, cpuUs: 0 };
    } finally {
      clearTimeout(timer);
      this.#expected = null;
    }
  }

  stop(): Promise<void> {
    return stopChild(this.#child);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#expected?.fail(this.#failure);
  }
}

export class LoadGenerator {
  readonly #jobs: readonly Job[];
  readonly #workers: readonly Worker[];

  constructor(jobs: readonly Job[]) {
    this.#jobs = jobs;
    this.#workers = jobs.map(() => new Worker());
  }

  async open(): Promise<void> {
    await Promise.all(
      this.#workers.map((worker, i) => worker.ask({ command: 'open', job: this.#jobs[i] as Job }, 'opened')),
    );
  }

  /** Works for so long and until everything is back. Rejects if any message is missing or too many. */
  async run(durationMs: number): Promise<LoadResult> {
    if (this.#jobs.some((job) => job.kind === 'fanout' && job.share === 'publisher')) await this.#publishFor(durationMs);
    const results = await Promise.all(
      this.#workers.map((worker) => worker.ask({ command: 'run', durationMs }, 'done', durationMs)),
    );
    return results.reduce((a, b) => ({ messages: a.messages + b.messages, cpuUs: a.cpuUs + b.cpuUs }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** Shared fan-out: the next publication goes out when every process has received the last one. */
  async #publishFor(durationMs: number): Promise<void> {
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      const arrivals = this.#workers.map(
        (worker) => new Promise<void>((done) => (worker.onArrived = () => done())),
      );
      this.#workers[0]?.tell({ command: 'publish' });
      await within(stallMs, Promise.all(arrivals));
    }
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('stalled: a publication did not arrive everywhere')), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
