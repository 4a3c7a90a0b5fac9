// The way out of a native endpoint: pieces are encrypted in the arena and go to the inner endpoint at once. They count as left when the
// inner endpoint has handed everything over that it was given; only then comes the next piece, or the end.
//
//     given ≥ inner.bytesOut; equal ⇔ everything has left

import { Brigade, type Pool, transientBytes } from '@sluice/brigade';
import type { Endpoint } from '@sluice/transport';
import type { Arena } from './native/arena.ts';
import type { Channel } from './native/channel.ts';
import type { PieceTarget } from './output.ts';

/** What encrypts: a native connection, as far as it goes out. */
export interface Sealing {
  readonly channel: Pick<Channel, 'seal' | 'takeSealed'>;
  readonly arena: Pick<Arena, 'output' | 'sealed'>;
}

export interface OutletOwner {
  /** The piece for which `send` answered false has left. From the event loop. */
  onPieceLeft(): void;
  /** The piece for which `send` answered false will never leave. From the event loop. */
  onSealFailure(): void;
}

export class Outlet implements PieceTarget {
  readonly immediate = true;
  readonly #inner: Endpoint;
  readonly #connection: Sealing;
  readonly #owner: OutletOwner;
  readonly #brigade: Brigade;
  #given = 0;
  #pieceWaits = false;
  #shut = false;
  /** `leave` was called, and everything has left. */
  hasLeft = false;
  #leaving = false;

  constructor(inner: Endpoint, connection: Sealing, pool: Pool, owner: OutletOwner) {
    this.#inner = inner;
    this.#connection = connection;
    this.#owner = owner;
    this.#brigade = new Brigade(pool);
  }

  /** Bytes that were given to the inner endpoint, and that it has not handed over. */
  get waitingBytes(): number {
    return Math.max(0, this.#given - this.#inner.bytesOut);
  }

  /** Everything that was given to the inner endpoint has been handed over. */
  get isEmpty(): boolean {
    return this.#inner.bytesOut >= this.#given;
  }

  room(): Uint8Array {
    return this.#connection.arena.output.bytes;
  }

  send(length: number): boolean {
    if (!this.#connection.channel.seal(length)) {
      this.flush();
      process.nextTick(tellFailure, this.#owner);
      return false;
    }
    this.flush();
    this.#pieceWaits = !this.isEmpty;
    return !this.#pieceWaits;
  }

  sendBytes(piece: Uint8Array): boolean {
    this.room().set(piece);
    return this.send(piece.length);
  }

  /**
   * Gives the inner endpoint what OpenSSL has written. It is lent: the inner endpoint copies what it cannot hand over now. All of it is
   * taken before that has its turn, as it may be a TLS connection that writes to the same BIO.
   */
  flush(): void {
    const { arena, channel } = this.#connection;
    const { bytes } = arena.sealed;
    let length = channel.takeSealed();
    if (length === 0) return;
    let given = length;
    for (; length === bytes.length; given += length) {
      this.#brigade.write(bytes, 0, length);
      length = channel.takeSealed();
    }
    // An inner endpoint that encrypts too may write to the same memory before it has taken all that it was lent.
    if (this.#inner.secureSession !== undefined) this.#brigade.write(bytes, 0, length);
    else if (length > 0) this.#brigade.append(transientBytes(bytes, 0, length));
    if (!this.#shut) this.#given += given; // nothing leaves behind a FIN
    this.#inner.write(this.#brigade);
  }

  /** FIN behind everything. */
  shutdown(): void {
    this.#shut = true;
    this.#inner.shutdown();
  }

  /** Closes the inner endpoint as soon as everything has left it, FIN included. */
  leave(): void {
    this.#leaving = true;
    this.#leaveIfDone();
  }

  /** The inner endpoint has made progress. */
  progress(): void {
    if (!this.isEmpty) return;
    if (this.#pieceWaits) {
      this.#pieceWaits = false;
      this.#owner.onPieceLeft();
    }
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (!this.#leaving || !this.#shut || !this.isEmpty) return;
    this.#leaving = false;
    this.hasLeft = true;
    this.#inner.close();
  }
}

function tellFailure(owner: OutletOwner): void {
  owner.onSealFailure();
}
