// What goes on in the gateway as a whole, sampled once a second: the last ten minutes are kept, and each sample goes to all who listen. It is
// taken for everybody at once and encoded once; a reader who is slow misses some.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { closeReasons, type ChartState } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { EventFeed } from './event-feed.ts';

export const sampleIntervalMs = 1000;
export const samplesKept = 600;
/** Node's histogram is of the time between two looks at the clock, so much of which is meant. */
const loopResolutionMs = 10;

/** Counts of closes, openings, bytes and messages are since the start. */
export interface TotalsSample {
  /** Wall-clock time, ms since 1970. */
  readonly atMs: number;
  readonly open: number;
  readonly byPhase: Readonly<Record<string, number>>;
  readonly byProtocol: Readonly<Record<string, number>>;
  readonly closes: Readonly<Record<string, number>>;
  readonly opened: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Of the last second. */
  readonly loopDelayP99Ms: number;
  readonly rssBytes: number;
}

export interface TotalsSources {
  readonly registry: ConnectionRegistry;
  readonly traffic: TrafficCounters;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

export class Totals {
  readonly #sources: TotalsSources;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  /** Encoded; used as a ring once it is full. */
  readonly #samples: string[] = [];
  #taken = 0;
  readonly #feeds = new Set<EventFeed>();

  constructor(sources: TotalsSources) {
    this.#sources = sources;
    this.#loopDelay.enable();
  }

  close(): void {
    this.#loopDelay.disable();
    for (const feed of this.#feeds) feed.end();
    this.#feeds.clear();
  }

  /** Those who listen. */
  get listeners(): number {
    return this.#feeds.size;
  }

  /** To be called once a second. */
  tick(): void {
    const sample = JSON.stringify(this.sample());
    this.#samples[this.#taken++ % samplesKept] = sample;
    for (const feed of this.#feeds) feed.send('sample', sample);
  }

  /** Begins with what is kept. `open` begins the reply. */
  follow(open: (onWritable: () => void, onEnd: () => void) => EventFeed): void {
    const feed = open(
      () => {},
      () => this.#feeds.delete(feed),
    );
    if (!feed.isOpen) return;
    this.#feeds.add(feed);
    feed.send('history', `{"samples":[${this.#history().join(',')}]}`);
  }

  sample(): TotalsSample {
    const { registry, traffic, wallClock } = this.#sources;
    const byState = new Map<ChartState, number>();
    const byProtocol: Record<string, number> = {};
    for (const { state, session } of registry.all()) {
      byState.set(state, (byState.get(state) ?? 0) + 1);
      byProtocol[session.protocol] = (byProtocol[session.protocol] ?? 0) + 1;
    }
    const byPhase: Record<string, number> = {};
    for (const [{ phase }, count] of byState) byPhase[phase] = (byPhase[phase] ?? 0) + count;
    const closes = registry.closes();
    const loopDelayP99Ms = Math.max(0, this.#loopDelay.percentile(99) / 1e6 - loopResolutionMs);
    this.#loopDelay.reset();
    return {
      atMs: Math.round(wallClock()),
      open: registry.size,
      byPhase,
      byProtocol,
      closes: Object.fromEntries(closeReasons.flatMap((reason) => (closes.get(reason) ? [[reason, closes.get(reason)!]] : []))),
      opened: registry.opened,
      ...registry.traffic(),
      messagesIn: traffic.messagesIn,
      messagesOut: traffic.messagesOut,
      loopDelayP99Ms: Math.round(loopDelayP99Ms * 1000) / 1000,
      rssBytes: process.memoryUsage.rss(),
    };
  }

  /** The oldest first. */
  #history(): string[] {
    const newest = this.#taken % samplesKept;
    return this.#taken <= samplesKept ? this.#samples.slice() : [...this.#samples.slice(newest), ...this.#samples.slice(0, newest)];
  }
}
