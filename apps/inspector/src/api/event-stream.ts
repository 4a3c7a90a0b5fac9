// Server-Sent Events that come back by themselves. A browser's EventSource gives up for good on an answer that is not 200 and retries
// at a fixed pace otherwise; here every loss is told, and attempts are spaced (backoff.ts).

import { retryDelayMs } from './backoff.ts';

export type StreamStatus = 'connecting' | 'open' | 'lost' | 'closed';

/** The part of EventSource that is used. */
export interface Source {
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface EventStreamOptions {
  readonly url: string;
  /** By the event's name; the data is parsed as JSON. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  readonly onStatus?: (status: StreamStatus) => void;
  readonly makeSource?: (url: string) => Source;
  readonly random?: () => number;
  /** Runs work later; answers how to call that off. */
  readonly later?: (work: () => void, ms: number) => () => void;
}

export class EventStream {
  readonly #options: Required<EventStreamOptions>;
  #source: Source | null = null;
  #callOff: (() => void) | null = null;
  #attempt = 0;
  #closed = false;

  /** Opens at once. */
  constructor(options: EventStreamOptions) {
    this.#options = { onStatus: () => {}, makeSource: (url) => new EventSource(url), random: Math.random, later: laterByTimer, ...options };
    this.#open();
  }

  /** For good: nothing is told any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#callOff?.();
    this.#source?.close();
    this.#options.onStatus('closed');
  }

  #open(): void {
    const { url, on, makeSource, onStatus } = this.#options;
    onStatus('connecting');
    const source = makeSource(url);
    this.#source = source;
    const isCurrent = (): boolean => !this.#closed && this.#source === source;
    source.addEventListener('open', () => {
      if (!isCurrent()) return;
      this.#attempt = 0;
      onStatus('open');
    });
    source.addEventListener('error', () => {
      if (isCurrent()) this.#lost();
    });
    for (const [name, listener] of Object.entries(on)) {
      source.addEventListener(name, ({ data }) => {
        if (isCurrent() && typeof data === 'string') listener(JSON.parse(data));
      });
    }
  }

  #lost(): void {
    const { onStatus, later, random } = this.#options;
    this.#source?.close();
    this.#source = null;
    onStatus('lost');
    this.#callOff = later(() => this.#open(), retryDelayMs(this.#attempt++, random()));
  }
}

function laterByTimer(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
