// What goes on in the gateway as a whole, sampled once a second: the last ten minutes are kept, and each sample goes to all who listen. It is
// taken for everybody at once and encoded once; a reader who is slow misses some.
//
// A sample walks all connections, about half a microsecond each, because most are in no cache any more. While nobody listens, a gateway with many
// takes them less often, so that what nobody looks at costs no more than about a millisecond a second.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { closeReasons, type ChartState } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import { residentBytes } from '../admin/resident-memory.ts';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { EventFeed } from './event-feed.ts';

export const sampleIntervalMs = 1000;
export const samplesKept = 600;
/** While nobody listens: a second between two samples for so many open connections, up to so many seconds. */
const openPerSecond = 2000;
const mostSeconds = 10;
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
  /** Since the sample before. */
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
  readonly #samples: { readonly atMs: number; readonly text: string }[] = [];
  #taken = 0;
  #secondsSince = 0;
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
    const seconds = this.#feeds.size > 0 ? 1 : Math.min(mostSeconds, Math.ceil(this.#sources.registry.size / openPerSecond));
    if (++this.#secondsSince < seconds) return;
    this.#secondsSince = 0;
    const sample = this.sample();
    const text = JSON.stringify(sample);
    this.#samples[this.#taken++ % samplesKept] = { atMs: sample.atMs, text };
    for (const feed of this.#feeds) feed.send('sample', text);
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
    let { bytesIn, bytesOut } = registry.closedTraffic;
    for (const { state, session, endpoint } of registry.all()) {
      byState.set(state, (byState.get(state) ?? 0) + 1);
      byProtocol[session.protocol] = (byProtocol[session.protocol] ?? 0) + 1;
      bytesIn += endpoint.bytesIn;
      bytesOut += endpoint.bytesOut;
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
      bytesIn,
      bytesOut,
      messagesIn: traffic.messagesIn,
      messagesOut: traffic.messagesOut,
      loopDelayP99Ms: Math.round(loopDelayP99Ms * 1000) / 1000,
      rssBytes: residentBytes(),
    };
  }

  /** The oldest first. */
  #history(): string[] {
    const newest = this.#taken % samplesKept;
    const sorted = this.#taken <= samplesKept ? this.#samples : [...this.#samples.slice(newest), ...this.#samples.slice(0, newest)];
    const sinceMs = (sorted.at(-1)?.atMs ?? 0) - samplesKept * sampleIntervalMs;
    return sorted.filter(({ atMs }) => atMs > sinceMs).map(({ text }) => text);
  }
}
