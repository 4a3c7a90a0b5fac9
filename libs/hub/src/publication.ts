// A publication as the hub holds it: one shared bucket with the payload, and while it is being delivered one more per encoding in use.
//
// It is held by the log and by whoever is delivering it; the last one to let go releases the buckets.

import type { Bucket, Pool } from '@sluice/brigade';
import { HubError } from './errors.ts';
import type { PayloadKind, Publication, PublicationEncoder } from './subscriber.ts';
import type { TopicLog } from './topic-log.ts';

/** What a retained publication counts beside its payload, in bytes: about what its objects take. */
export const publicationOverheadBytes = 256;

/** The encodings defined, and how often one was made. */
export class EncodingTable {
  readonly #pool: Pool;
  readonly #encoders: PublicationEncoder[] = [];
  #loose: HeldPublication[] = [];
  made = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  define(encoder: PublicationEncoder): number {
    this.#encoders.push(encoder);
    return this.#encoders.length - 1;
  }

  encode(publication: Publication, slot: number): Bucket {
    const encoder = this.#encoders[slot];
    if (encoder === undefined) throw new HubError('encodingUnknown', `no encoding was defined as ${slot}`);
    this.made++;
    return encoder(publication, this.#pool);
  }

  /** A publication was encoded outside a delivery (it came from `history`). */
  noteLoose(publication: HeldPublication): void {
    this.#loose.push(publication);
  }

  releaseLoose(): void {
    if (this.#loose.length === 0) return;
    const loose = this.#loose;
    this.#loose = [];
    for (const publication of loose) publication.releaseEncodings();
  }
}

export class HeldPublication implements Publication {
  /** The log it was appended to; `null` for a message sent by tag. */
  readonly log: TopicLog | null;
  readonly tag: string | null;
  readonly offset: number;
  readonly sequence: number;
  readonly timeMs: number;
  readonly kind: PayloadKind;
  readonly payload: Bucket;
  /** When it was appended, by the monotonic clock: its age is by this. */
  appendedMs = 0;
  /** What it counts against history bounds: payload and `publicationOverheadBytes`. */
  readonly cost: number;
  /** Neighbours in age among everything retained. */
  older: HeldPublication | null = null;
  newer: HeldPublication | null = null;
  readonly #encodingTable: EncodingTable;
  #encodings: (Bucket | undefined)[] | null = null;
  #holders = 1;
  #deliveries = 0;

  /** Takes over one reference to the payload. The maker is its first holder. */
  constructor(
    log: TopicLog | null,
    tag: string | null,
    offset: number,
    sequence: number,
    timeMs: number,
    kind: PayloadKind,
    payload: Bucket,
    encodingTable: EncodingTable,
  ) {
    this.log = log;
    this.tag = tag;
    this.offset = offset;
    this.sequence = sequence;
    this.timeMs = timeMs;
    this.kind = kind;
    this.payload = payload;
    this.cost = payload.length + publicationOverheadBytes;
    this.#encodingTable = encodingTable;
  }

  get topic(): string {
    return this.log === null ? '' : this.log.topic;
  }

  get epoch(): string {
    return this.log === null ? '' : this.log.epoch;
  }

  encoding(slot: number): Bucket {
    if (this.#encodings === null) {
      this.#encodings = [];
      if (this.#deliveries === 0) this.#encodingTable.noteLoose(this);
    }
    return (this.#encodings[slot] ??= this.#encodingTable.encode(this, slot));
  }

  hold(): void {
    this.#holders++;
  }

  letGo(): void {
    if (--this.#holders > 0) return;
    this.releaseEncodings();
    this.payload.release();
  }

  /** Deliveries of one publication may nest (a replay inside another's `deliver`); encodings last until the outermost ends. */
  beginDelivery(): void {
    this.#holders++;
    this.#deliveries++;
  }

  endDelivery(): void {
    if (--this.#deliveries === 0) this.releaseEncodings();
    this.letGo();
  }

  /** The hub's references only; brigades keep theirs. */
  releaseEncodings(): void {
    const encodings = this.#encodings;
    if (encodings === null) return;
    this.#encodings = null;
    for (const bucket of encodings) bucket?.release();
  }
}
