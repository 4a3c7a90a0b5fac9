// Sessions to be resumed, the oldest forgotten first when there are too many.

export class SessionCache {
  readonly #capacity: number;
  readonly #sessions = new Map<string, Buffer>();

  /** 0 keeps none. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#sessions.size;
  }

  put(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    if (this.#capacity === 0) return;
    if (this.#sessions.size >= this.#capacity) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    }
    this.#sessions.set(key, session);
  }

  get(key: string): Buffer | null {
    return this.#sessions.get(key) ?? null;
  }

  forget(key: string): void {
    this.#sessions.delete(key);
  }

  /** Takes over what another one holds, as far as there is room. */
  adopt(other: SessionCache): void {
    for (const [key, session] of other.#sessions) this.put(key, session);
  }
}
