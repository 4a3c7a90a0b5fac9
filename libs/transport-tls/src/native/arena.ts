// Memory that foreign code may read and write: mapped once per thread, never moved, never given back, shared by all connections.
// JavaScript's own memory is not for that: a small array lies in a heap whose collector moves it.
//
//     [ ciphertext in | plaintext out | ciphertext out | scratch ]   and, for each depth of nesting, [ plaintext in ]
//
// Everything is done within one call, so one of each is enough; only bytes lent to an owner have to outlive a nested call (an owner who
// is a TLS connection itself), and so they lie in a region for each depth.

import { type Ffi, narrowed, type Pointer, type Symbols } from './symbols.ts';

/** The most that is fed, or encrypted, at a time, in bytes. */
export const pieceBytes = 65_536;
/** A record's content, RFC 8446 section 5.1. */
const recordBytes = 16_384;
/** A piece's plaintext, what the record cut off before it brings, and room for one more record, which is read last. */
const deliveryBytes = pieceBytes + 3 * recordBytes;
const scratchBytes = 4096;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const mapFailed = 0xffff_ffff_ffff_ffffn;

/** Where to ask for memory; the kernel goes elsewhere when it is taken. Far below 4 GiB, above where mmap starts. */
const addressHints = [0x2400_0000n, 0x3400_0000n, 0x5400_0000n, 0x7400_0000n];

export interface Region {
  readonly bytes: Uint8Array;
  readonly address: Pointer;
  /** The address again, or 0 when it is not below 4 GiB. */
  readonly low: number;
}

export class Arena {
  /** What arrived, on its way to be decrypted. */
  readonly input: Region;
  /** What is to be encrypted. */
  readonly output: Region;
  /** What was encrypted. */
  readonly sealed: Region;
  /** For results that are returned by pointer. */
  readonly scratch: Region;
  readonly #ffi: Ffi;
  readonly #ssl: Symbols;
  readonly #deliveries: Region[] = [];
  #depth = 0;

  constructor(ffi: Ffi, ssl: Symbols) {
    this.#ffi = ffi;
    this.#ssl = ssl;
    this.input = this.#map(pieceBytes);
    this.output = this.#map(pieceBytes);
    this.sealed = this.#map(pieceBytes + recordBytes);
    this.scratch = this.#map(scratchBytes);
    this.#deliveries.push(this.#map(deliveryBytes));
  }

  /** Where bytes are decrypted to and lent from, until the matching `giveBack`. */
  lend(): Region {
    if (this.#depth === this.#deliveries.length) this.#deliveries.push(this.#map(deliveryBytes));
    return this.#deliveries[this.#depth++];
  }

  giveBack(): void {
    this.#depth--;
  }

  /** A copy of foreign memory. */
  copy(address: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.#ffi.toArrayBuffer(address, length, true));
  }

  /** A C string; `''` for a null pointer. */
  text(address: Pointer): string {
    return this.#ffi.toString(address) ?? '';
  }

  #map(length: number): Region {
    const address = this.#mapLow(BigInt(length));
    return { address, low: narrowed(address), bytes: new Uint8Array(this.#ffi.toArrayBuffer(address, length, false)) };
  }

  /** Below 4 GiB if there is room, else anywhere. */
  #mapLow(length: bigint): Pointer {
    const { mmap, munmap } = this.#ssl;
    for (const hint of [...addressHints, 0n]) {
      const address = mmap(hint, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
      if (address === mapFailed) break;
      if (hint === 0n || address + length <= 0xffff_ffffn) return address;
      munmap(address, length);
    }
    throw new Error(`no memory for ${length} bytes`);
  }
}
