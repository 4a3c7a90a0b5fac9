// How fast one peer address may send messages and open connections: two token buckets for each, in a bounded table.
//
//   session opens ── hold(host) ──▶ PeerRate or null (exempt) ── takeMessage(rate), per message ──▶ … ── release(rate)
//
// Sessions that last hold their peer's entry, so that a message costs no look-up; for an exempt peer there is none, and nothing to do.
// An entry is needed while a session holds it, or while a bucket of it is not full: a full one says no more than a new one would.
// `sweep` lets the others go, a part of the table each time, so that no memory is kept for addresses that are gone. When the table is full
// all addresses that are not in it share one entry more: they are limited together, and memory stays bounded.

import { TokenBucket, type Clock } from '@sluice/timing';
import type { ExemptPeers } from './exempt-peers.ts';
import { peerKey } from './peer-key.ts';

export interface PeerRatesOptions {
  readonly clock: Clock;
  readonly exempt: ExemptPeers;
  /** WebSocket messages, HTTP publications and command requests; 0 for no limit. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Connections accepted; 0 for no limit. */
  readonly connectionsPerSecond: number;
  readonly connectionBurst: number;
  /** Entries of the table, beside the shared one. */
  readonly maxPeers: number;
}

/** One peer's entry. Made and read by `PeerRates` only. */
export class PeerRate {
  readonly key: string;
  /** Made with the first message, and the first connection. */
  messages: TokenBucket | null = null;
  connections: TokenBucket | null = null;
  /** Sessions that have a reference to it. */
  holders = 0;
  /** It has been swept: a look-up makes another. */
  isGone = false;

  constructor(key: string) {
    this.key = key;
  }
}

/** Entries looked at when the table is full and another address comes. */
const sweptWhenFull = 64;

export class PeerRates {
  readonly #options: PeerRatesOptions;
  readonly #peers = new Map<string, PeerRate>();
  /** For those who find the table full. */
  readonly #others = new PeerRate('');
  /** Where the next sweep goes on; a map's iterator stands changes of the map. */
  #sweeping: MapIterator<PeerRate> | null = null;
  /** Who sent the last message without a session, and the entry, null for an exempt peer: the next is often from there, too. */
  #lastHost: string | null = null;
  #lastRate: PeerRate | null = null;
  #refusedMessages = 0;
  #refusedConnections = 0;

  constructor(options: PeerRatesOptions) {
    this.#options = options;
  }

  /** Addresses in the table. */
  get size(): number {
    return this.#peers.size;
  }

  /** Since the start. */
  get refusedMessages(): number {
    return this.#refusedMessages;
  }

  get refusedConnections(): number {
    return this.#refusedConnections;
  }

  /** What a message over the rate is answered, for people. */
  get messageRefusal(): string {
    return `Too many messages: ${this.#options.messagesPerSecond} a second are allowed from one address.`;
  }

  get connectionRefusal(): string {
    return `Too many connections: ${this.#options.connectionsPerSecond} a second are allowed from one address.`;
  }

  /** For a session that lasts, its peer's entry; null when its messages are not limited. Give it back with `release`. */
  hold(host: string): PeerRate | null {
    if (!this.limitsMessagesOf(host)) return null;
    const rate = this.#find(host);
    rate.holders++;
    return rate;
  }

  release(rate: PeerRate): void {
    rate.holders--;
  }

  limitsMessagesOf(host: string): boolean {
    const { messagesPerSecond, exempt } = this.#options;
    return messagesPerSecond > 0 && !exempt.includes(host);
  }

  /** One message of a peer; false: it is over its rate, and refused. */
  takeMessage(rate: PeerRate): boolean {
    const { clock, messagesPerSecond, messageBurst } = this.#options;
    const nowMs = clock.now();
    rate.messages ??= new TokenBucket(messagesPerSecond, messageBurst, nowMs);
    if (rate.messages.take(nowMs)) return true;
    this.#refusedMessages++;
    return false;
  }

  /** In how many whole ms, at least 1, a peer that is over its rate may send again. */
  retryAfterMs({ messages }: PeerRate): number {
    return messages === null ? 1 : Math.max(1, Math.ceil(messages.waitMs(this.#options.clock.now())));
  }

  /** One message of a peer without a lasting session: 0, or the whole seconds after which it may try again. */
  takeMessageOf(host: string): number {
    if (host !== this.#lastHost || this.#lastRate?.isGone === true) {
      this.#lastRate = this.limitsMessagesOf(host) ? this.#find(host) : null;
      // Whoever shares an entry for want of room gets one of its own when there is some.
      this.#lastHost = this.#lastRate === this.#others ? null : host;
    }
    const rate = this.#lastRate;
    if (rate === null || this.takeMessage(rate)) return 0;
    return Math.max(1, Math.ceil(rate.messages!.waitMs(this.#options.clock.now()) / 1000));
  }

  /** A connection has come from there; false: its address is over its rate, and it is turned away. */
  admitConnection(peerHost: string): boolean {
    const { clock, connectionsPerSecond, connectionBurst, exempt } = this.#options;
    if (connectionsPerSecond === 0 || exempt.includes(peerHost)) return true;
    const nowMs = clock.now();
    const rate = this.#find(peerHost);
    rate.connections ??= new TokenBucket(connectionsPerSecond, connectionBurst, nowMs);
    if (rate.connections.take(nowMs)) return true;
    this.#refusedConnections++;
    return false;
  }

  /** Lets go of entries that nobody needs, looking at `budget` of them; the next call goes on from there. Called every so often. */
  sweep(budget = 2000): void {
    const nowMs = this.#options.clock.now();
    this.#sweeping ??= this.#peers.values();
    for (let looked = 0; looked < budget; looked++) {
      const { value: rate, done } = this.#sweeping.next();
      if (done === true) {
        this.#sweeping = null;
        return;
      }
      if (rate.holders > 0 || !isFull(rate.messages, nowMs) || !isFull(rate.connections, nowMs)) continue;
      this.#peers.delete(rate.key);
      rate.isGone = true;
    }
  }

  #find(host: string): PeerRate {
    const key = peerKey(host);
    const known = this.#peers.get(key);
    if (known !== undefined) return known;
    if (this.#peers.size >= this.#options.maxPeers) this.sweep(sweptWhenFull);
    if (this.#peers.size >= this.#options.maxPeers) return this.#others;
    const rate = new PeerRate(key);
    this.#peers.set(key, rate);
    return rate;
  }
}

function isFull(bucket: TokenBucket | null, nowMs: number): boolean {
  return bucket === null || bucket.isFull(nowMs);
}
