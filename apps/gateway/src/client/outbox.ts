// Messages on their way to a gateway: sent, and kept until it has confirmed them, so that after a loss they are sent again. Bounded: who
// fills it waits for room.
//
// Invariant: everything before `#first` is confirmed, and nothing before `#next` waits to be sent.

export interface Outgoing {
  /** Counts from 1. */
  readonly id: number;
  readonly bytes: Uint8Array;
}

interface Held extends Outgoing {
  state: 'waiting' | 'sent' | 'confirmed';
}

export interface OutboxLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export const defaultOutboxLimits: OutboxLimits = { maxMessages: 1024, maxBytes: 1024 * 1024 };

export class Outbox {
  readonly #limits: OutboxLimits;
  /** From `#first` on; what is before was confirmed. */
  #messages: Held[] = [];
  #first = 0;
  /** Place in `#messages` from which to look for the next one to send. */
  #next = 0;
  #heldBytes = 0;
  #added = 0;
  /** Sent, and not confirmed. */
  inFlight = 0;
  confirmedMessages = 0;
  confirmedBytes = 0;

  constructor(limits: OutboxLimits = defaultOutboxLimits) {
    this.#limits = limits;
  }

  /** Messages not confirmed yet. */
  get size(): number {
    return this.#added - this.confirmedMessages;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** No more should be added; one message is taken whatever its size. */
  get isFull(): boolean {
    return this.size >= this.#limits.maxMessages || this.#heldBytes >= this.#limits.maxBytes;
  }

  /** Takes a message; the bytes are the outbox's from now on. */
  add(bytes: Uint8Array): void {
    this.#messages.push({ id: ++this.#added, bytes, state: 'waiting' });
    this.#heldBytes += bytes.length;
  }

  /** The next one to send; null when all were. */
  peek(): Outgoing | null {
    while (this.#next < this.#messages.length && this.#messages[this.#next]!.state !== 'waiting') this.#next++;
    return this.#messages[this.#next] ?? null;
  }

  /** What `peek` answered has been sent. */
  sent(): void {
    this.#messages[this.#next++]!.state = 'sent';
    this.inFlight++;
  }

  /** All up to that id has arrived. */
  confirmUpTo(id: number): void {
    for (let at = this.#first; at < this.#messages.length && this.#messages[at]!.id <= id; at++) this.#confirmAt(at);
    this.#drop();
  }

  /** That one has arrived. */
  confirm(id: number): void {
    this.#confirmAt(this.#placeOf(id));
    this.#drop();
  }

  /** That one has not arrived: it is sent again. */
  retry(id: number): void {
    const at = this.#placeOf(id);
    const held = this.#messages[at];
    if (held?.state !== 'sent') return;
    held.state = 'waiting';
    this.inFlight--;
    this.#next = Math.min(this.#next, at);
  }

  /** The connection is another one: whatever is not confirmed is sent again, in order. */
  rewind(): void {
    for (let at = this.#first; at < this.#messages.length; at++) if (this.#messages[at]!.state === 'sent') this.#messages[at]!.state = 'waiting';
    this.#next = this.#first;
    this.inFlight = 0;
  }

  /** Ids follow one another: the place follows from the first. −1 where it is not held. */
  #placeOf(id: number): number {
    const at = this.#first + (id - (this.#messages[this.#first]?.id ?? Infinity));
    return this.#messages[at]?.id === id ? at : -1;
  }

  #confirmAt(at: number): void {
    const held = this.#messages[at];
    if (held === undefined || held.state === 'confirmed') return;
    if (held.state === 'sent') this.inFlight--;
    held.state = 'confirmed';
    this.confirmedMessages++;
    this.confirmedBytes += held.bytes.length;
    this.#heldBytes -= held.bytes.length;
  }

  #drop(): void {
    while (this.#messages[this.#first]?.state === 'confirmed') this.#first++;
    this.#next = Math.max(this.#next, this.#first);
    if (this.#first < this.#limits.maxMessages && this.#first < this.#messages.length) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#next -= this.#first;
    this.#first = 0;
  }
}
