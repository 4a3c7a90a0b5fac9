// What a call to an endpoint leaves to be told once the call has returned: SENT marks whose bytes are on their way, and
// brigades that were dropped, whose SENT marks hear of the error. Both wait for the end of the current callback of the event
// loop (`process.nextTick`), so that nobody is called back from inside a call. One per transport.

import { Brigade, type Bucket, type Pool } from '@sluice/brigade';

interface Dropped {
  readonly brigade: Brigade;
  readonly error: Error;
}

export class Afterwards {
  /** SENT marks passed and not told yet, in order. */
  readonly #passed: Brigade;
  readonly #pool: Pool;
  readonly #run: () => void;
  #dropped: Dropped[] = [];
  #scheduled = false;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#passed = new Brigade(pool);
    this.#run = () => this.#tell();
  }

  /** Everything before this mark is on its way. */
  pass(mark: Bucket): void {
    if (mark.type.name !== 'sent') {
      mark.destroy();
      return;
    }
    this.#passed.append(mark);
    this.#schedule();
  }

  /** None of these buckets will be sent. Leaves the brigade empty. */
  drop(brigade: Brigade, error: Error): void {
    if (brigade.isEmpty) return;
    const dropped = new Brigade(this.#pool);
    dropped.concat(brigade);
    this.#dropped.push({ brigade: dropped, error });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#run);
  }

  #tell(): void {
    this.#scheduled = false;
    this.#passed.consume(0);
    const dropped = this.#dropped;
    if (dropped.length === 0) return;
    this.#dropped = [];
    for (const { brigade, error } of dropped) brigade.destroy(error);
  }
}
