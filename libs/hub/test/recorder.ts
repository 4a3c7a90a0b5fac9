// A subscriber that writes down what it is told, with a window that can be closed and a hook to do something from inside.

import { Pool } from '@sluice/brigade';
import { Hub, type EvictReason, type Gap, type HubOptions, type Publication, type Subscriber, type Subscription } from '../src/index.ts';

export class Recorder implements Subscriber {
  readonly id: string;
  readonly info: unknown;
  /** How many more it takes. */
  window = Infinity;
  /** `topic:offset`, `gap:reason:missed`, `evict:reason`, `tag:text`, in the order they came. */
  readonly log: string[] = [];
  readonly gaps: Gap[] = [];
  onDeliver: (publication: Publication, subscription: Subscription | null) => void = () => {};

  constructor(id = 'r', info: unknown = null) {
    this.id = id;
    this.info = info;
  }

  deliver(publication: Publication, subscription: Subscription | null): boolean {
    if (this.window <= 0) return false;
    this.window--;
    this.log.push(publication.tag === null ? `${publication.topic}:${publication.offset}` : `tag:${textOf(publication)}`);
    this.onDeliver(publication, subscription);
    return true;
  }

  gap(gap: Gap): void {
    this.log.push(`gap:${gap.reason}:${gap.missed}`);
    this.gaps.push(gap);
  }

  evict(reason: EvictReason): void {
    this.log.push(`evict:${reason}`);
  }

  /** What came since the last time it was asked. */
  take(): string[] {
    return this.log.splice(0);
  }
}

export function textOf(publication: Publication): string {
  const { bytes, start, length } = publication.payload;
  return bytes === null ? '' : new TextDecoder().decode(bytes.subarray(start, start + length));
}

export interface Bench {
  readonly hub: Hub;
  readonly pool: Pool;
  /** The monotonic clock, and the wall's. */
  readonly clock: { nowMs: number; wallMs: number };
  publish(topic: string, text?: string): Publication;
}

/** A hub on a pool of its own, with a clock to be set and a random source that never repeats. */
export function makeHub(options: Partial<HubOptions> = {}): Bench {
  const pool = new Pool('test');
  const clock = { nowMs: 1_000_000, wallMs: 1_800_000_000_000 };
  let drawn = 0;
  const random = (): number => (++drawn * 0.618_033_988_749_895) % 1;
  const hub = new Hub({ pool, now: () => clock.nowMs, wallClock: () => clock.wallMs, random, ...options });
  const publish = (topic: string, text = 'x'): Publication => {
    const bytes = new TextEncoder().encode(text);
    return hub.publish(topic, bytes, 0, bytes.length, 'text');
  };
  return { hub, pool, clock, publish };
}
