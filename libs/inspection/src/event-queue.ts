// A bounded queue between the gateway, which never waits, and a watcher, which takes as its window allows. From the first event that
// does not fit on, all are lost and counted until half of the queue is free; a marker that says how many stands where they are
// missing. So a slow watcher sees whole stretches instead of shreds, and while it is losing, an event costs an addition.
//
// Invariant: count ≤ maxEvents and bytes ≤ maxBytes, markers included; taken + queued + lost = offered, in that order.

export interface QueueLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export const defaultQueueLimits: QueueLimits = { maxEvents: 4096, maxBytes: 1024 * 1024 };

export class EventQueue {
  readonly limits: QueueLimits;
  /** All events ever lost. */
  lost = 0;
  readonly #marker: (lost: number) => string;
  /** No marker is longer. */
  readonly #markerBytes: number;
  readonly #texts: string[] = [];
  #first = 0;
  #bytes = 0;
  /** Lost since the last marker. */
  #missing = 0;

  /** `marker` makes the text that stands for lost events. Texts are ASCII: a character is a byte. */
  constructor(limits: QueueLimits, marker: (lost: number) => string) {
    this.#marker = marker;
    this.#markerBytes = marker(Number.MAX_SAFE_INTEGER).length;
    if (!(limits.maxEvents >= 2 && limits.maxBytes >= 2 * this.#markerBytes)) {
      throw new RangeError(`a queue of ${limits.maxEvents} events and ${limits.maxBytes} bytes has no room for an event and a marker`);
    }
    this.limits = limits;
  }

  /** Events that can be taken, without the marker that is not made yet. */
  get count(): number {
    return this.#texts.length - this.#first;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing can be taken. */
  get isEmpty(): boolean {
    return this.count === 0 && this.#missing === 0;
  }

  /** Whatever is offered now is lost. */
  get isLosing(): boolean {
    const { maxEvents, maxBytes } = this.limits;
    return this.#missing > 0 && (this.count * 2 > maxEvents || this.#bytes * 2 > maxBytes);
  }

  /** Counts events as lost that were not even made. */
  lose(events: number): void {
    this.#missing += events;
    this.lost += events;
  }

  /** False when the event is lost. */
  offer(text: string): boolean {
    if (this.isLosing || !this.#hasRoom(text)) {
      this.lose(1);
      return false;
    }
    if (this.#missing > 0) this.#push(this.#takeMarker());
    this.#push(text);
    return true;
  }

  /** The oldest event, or `null`. */
  take(): string | null {
    if (this.count === 0) return this.#missing > 0 ? this.#takeMarker() : null;
    const text = this.#texts[this.#first];
    this.#texts[this.#first++] = '';
    this.#bytes -= text.length;
    // Taken places are given back in bulk: each is moved past at most once for each that was taken.
    if (this.#first * 2 >= this.#texts.length) {
      this.#texts.splice(0, this.#first);
      this.#first = 0;
    }
    return text;
  }

  clear(): void {
    this.#texts.length = 0;
    this.#first = 0;
    this.#bytes = 0;
    this.#missing = 0;
  }

  /** With the marker that comes before it, if one is due. */
  #hasRoom(text: string): boolean {
    const gap = this.#missing > 0;
    return (
      this.count + (gap ? 2 : 1) <= this.limits.maxEvents &&
      this.#bytes + text.length + (gap ? this.#markerBytes : 0) <= this.limits.maxBytes
    );
  }

  #push(text: string): void {
    this.#texts.push(text);
    this.#bytes += text.length;
  }

  #takeMarker(): string {
    const marker = this.#marker(this.#missing);
    this.#missing = 0;
    return marker;
  }
}
