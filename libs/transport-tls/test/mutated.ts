// An endpoint that damages what is written through it, at given places of all that is ever written.

import { Brigade, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, PeerAddress } from '@sluice/transport';

export interface Damage {
  /** The byte's place, counted from the first that is written. */
  readonly at: number;
  /** `bytes` are exclusive-ored, left out (so many), put in between, or said again; at `end` nothing follows. */
  readonly kind: 'flip' | 'drop' | 'insert' | 'repeat' | 'end';
  readonly bytes: Uint8Array;
}

export class Mutated implements Endpoint {
  readonly #below: Endpoint;
  readonly #pool: Pool;
  readonly #damages: readonly Damage[];
  #position = 0;
  #ended = false;

  constructor(below: Endpoint, pool: Pool, damages: readonly Damage[]) {
    this.#below = below;
    this.#pool = pool;
    this.#damages = damages.toSorted((one, other) => other.at - one.at);
  }

  get peer(): PeerAddress {
    return this.#below.peer;
  }

  get local(): PeerAddress {
    return this.#below.local;
  }

  get queuedBytes(): number {
    return this.#below.queuedBytes;
  }

  get bytesIn(): number {
    return this.#below.bytesIn;
  }

  get bytesOut(): number {
    return this.#below.bytesOut;
  }

  attach(sink: EndpointSink): void {
    this.#below.attach(sink);
  }

  setReading(wanted: boolean): void {
    this.#below.setReading(wanted);
  }

  write(brigade: Brigade): void {
    const whole = Buffer.from(brigade.flatten());
    brigade.destroy();
    let bytes: Uint8Array = whole;
    for (const damage of this.#damages) {
      const at = damage.at - this.#position;
      if (at >= 0 && at < whole.length) bytes = this.#damaged(bytes, at, damage);
    }
    this.#position += whole.length;
    const out = new Brigade(this.#pool);
    out.write(bytes);
    this.#below.write(out);
    if (this.#ended) this.#below.shutdown();
  }

  shutdown(): void {
    this.#below.shutdown();
  }

  close(): void {
    this.#below.close();
  }

  abort(): void {
    this.#below.abort();
  }

  /** Damages come from the last to the first, so that places in front stay what they are. */
  #damaged(whole: Uint8Array, at: number, { kind, bytes }: Damage): Uint8Array {
    const [before, behind] = [whole.subarray(0, at), whole.subarray(at)];
    if (kind === 'insert') return Buffer.concat([before, bytes, behind]);
    if (kind === 'drop') return Buffer.concat([before, behind.subarray(bytes.length)]);
    if (kind === 'repeat') return Buffer.concat([before, behind.subarray(0, bytes.length), behind]);
    if (kind === 'flip') return Buffer.concat([before, behind.map((byte, index) => byte ^ (bytes[index] ?? 0))]);
    this.#ended = true;
    return before;
  }
}
