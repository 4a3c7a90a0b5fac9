// One end of a connection before anybody owns it: what `accept` and `connect` of an operating system answer. An endpoint is built
// on one, by the transport itself or by adoption.

import type { PeerAddress } from '@sluice/transport';
import type { Pipe } from './pipe.ts';

export class MemorySocket {
  readonly local: PeerAddress;
  readonly peer: PeerAddress;
  readonly inbound: Pipe;
  readonly outbound: Pipe;
  #state: 'free' | 'owned' | 'destroyed' = 'free';

  constructor(local: PeerAddress, peer: PeerAddress, inbound: Pipe, outbound: Pipe) {
    this.local = local;
    this.peer = peer;
    this.inbound = inbound;
    this.outbound = outbound;
  }

  /** Nobody owns it, and it was not destroyed. */
  get isFree(): boolean {
    return this.#state === 'free';
  }

  /** Somebody owns it now. */
  own(): void {
    this.#state = 'owned';
  }

  /** Resets the connection. */
  destroy(): void {
    if (this.#state === 'destroyed') return;
    this.#state = 'destroyed';
    this.outbound.reset();
    this.inbound.refuse();
  }
}
