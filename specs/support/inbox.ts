// What a client's callbacks are given, to be awaited in order.

export class Inbox<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | null = null;

  /** Bound, so that it can be a listener. */
  readonly push = (item: T): void => {
    this.#items.push(item);
    this.#wake?.();
  };

  /** The next item, which may have come already. */
  async next(what = 'an item', timeoutMs = 10_000): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    while (this.#items.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${what} did not come within ${timeoutMs} ms`)), deadline - performance.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.#items.shift()!;
  }

  async take(count: number): Promise<T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }
}
