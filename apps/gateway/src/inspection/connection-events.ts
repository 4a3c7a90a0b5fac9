// `/inspection/connections/{id}/events`: one connection's steps as they are taken, and its gauges twice a second while something changes.
//
// Steps come from a watcher, whose bounded queue waits for the reader's window. Gauges are not queued at all: a reader who is slow gets fewer.

import type { Connection, Flushable } from '@sluice/connection';
import { describeConnection, lostEventType, type Watcher } from '@sluice/inspection';
import type { EventLoopShape } from '@sluice/supervision';
import type { ByteRates } from './byte-rates.ts';
import type { EventFeed } from './event-feed.ts';

export const gaugesIntervalMs = 500;
/** Comments while nothing happens: every so many gauges. */
const gaugesPerComment = 30;
const lostEvent = new RegExp(`^\\{"type":"@xstate\\.event","event":\\{"type":"${lostEventType.replace('.', '\\.')}","count":(\\d+)\\}`);

export interface ConnectionEventsOptions {
  readonly connection: Connection;
  readonly watcher: Watcher;
  readonly loop: EventLoopShape;
  readonly rates: ByteRates;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

export class ConnectionEvents implements Flushable {
  readonly #options: ConnectionEventsOptions;
  readonly #feed: EventFeed;
  readonly #stopGauges: () => void;
  #noted = false;
  /** Taken from the queue, and waiting for room. */
  #pending: string | null = null;
  #lastGauges = '';
  #quiet = 0;

  /** `open` begins the reply. */
  constructor(options: ConnectionEventsOptions, open: (onWritable: () => void, onEnd: () => void) => EventFeed) {
    this.#options = options;
    const { watcher, loop } = options;
    watcher.onReadable = () => this.#note();
    this.#stopGauges = loop.every(gaugesIntervalMs, () => this.#tick());
    this.#feed = open(
      () => this.flush(),
      () => this.#end(),
    );
    this.#sendGauges();
    this.flush();
  }

  /** Inside a step of the connection's chart: what is to be told is told at the end of the turn. */
  #note(): void {
    if (this.#noted) return;
    this.#noted = true;
    this.#options.loop.turn.add(this);
  }

  flush(): void {
    this.#noted = false;
    const { watcher, connection } = this.#options;
    for (let text = this.#pending ?? watcher.next(); text !== null; text = watcher.next()) {
      if (!this.#sendStep(text)) {
        this.#pending = this.#feed.isOpen ? text : null;
        return;
      }
      this.#pending = null;
    }
    if (!watcher.isOver || !this.#feed.isOpen) return;
    // The last gauges, then why it is the last.
    this.#sendGauges();
    if (this.#feed.send('closed', JSON.stringify({ reason: connection.reason ?? 'aborted' }))) this.#feed.end();
  }

  #sendStep(text: string): boolean {
    const count = lostEvent.exec(text)?.[1];
    return count === undefined ? this.#feed.send('inspection', text) : this.#feed.send('lost', `{"count":${count}}`);
  }

  #tick(): void {
    this.flush();
    if (!this.#feed.isOpen || this.#sendGauges()) this.#quiet = 0;
    else if (++this.#quiet % gaugesPerComment === 0) this.#feed.sendComment();
  }

  /** False: nothing has changed since the last, or there is no room. */
  #sendGauges(): boolean {
    const { connection, loop, rates, wallClock } = this.#options;
    const nowMs = loop.clock.now();
    rates.refresh(nowMs);
    const { inbound, outbound, timers, bytesIn, bytesOut } = describeConnection(connection);
    const { inBytesPerSecond, outBytesPerSecond } = rates.of(connection, nowMs);
    const gauges = {
      queuedBytes: outbound.queuedBytes,
      allowanceBytes: outbound.allowanceBytes,
      highBytes: outbound.highBytes,
      lowBytes: outbound.lowBytes,
      heldBytes: inbound.heldBytes,
      bytesIn,
      bytesOut,
      rateInBytesPerSecond: inBytesPerSecond,
      rateOutBytesPerSecond: outBytesPerSecond,
      throttleInBytesPerSecond: inbound.throttleBytesPerSecond,
      throttleOutBytesPerSecond: outbound.throttleBytesPerSecond,
      isQuenched: connection.isQuenched,
    };
    // Time left goes by at any rate: what counts is when a timer is due.
    const now = Math.round(nowMs);
    const changing = JSON.stringify([gauges, timers.map(({ name, leftMs }) => [name, Math.round((now + leftMs) / 10)])]);
    if (changing === this.#lastGauges || !this.#feed.send('gauges', JSON.stringify({ ...gauges, timers, atMs: wallClock() }))) return false;
    this.#lastGauges = changing;
    return true;
  }

  #end(): void {
    this.#stopGauges();
    this.#pending = null;
    this.#options.watcher.close();
  }
}
