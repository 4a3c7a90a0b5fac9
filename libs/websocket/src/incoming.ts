// The message that is coming in: what its frames may still be, what has come of it, and whether it is right so far.
//
// A message that is one whole frame passes through without being kept: it is given as the part of the lent bytes it is, or as
// the inflater's answer. All others grow in the assembly. Lengths are judged at each frame's head, text at each piece, inflated
// sizes by the inflater before it uses memory.

import { Assembly } from './assembly.ts';
import type { FailureCode } from './failure.ts';
import { maxDeflatedBytes, type Inflation } from './inflation.ts';
import { Opcode, type MessageOpcode } from './opcodes.ts';
import { checkUtf8, utf8Broken, utf8Start } from './utf8.ts';

const nothing = new Uint8Array(0);

export class Incoming {
  /** Of the message at hand; 0 between messages. */
  opcode: MessageOpcode | 0 = 0;
  /** Once the message is complete: `data[dataStart, dataEnd)`. */
  data: Uint8Array = nothing;
  dataStart = 0;
  dataEnd = 0;

  readonly #maxBytes: number;
  readonly #maxFragments: number;
  readonly #inflation: Inflation | null;
  #deflated = false;
  #deflatedBytes = 0;
  #fragments = 0;
  #utf8 = utf8Start;
  #assembly: Assembly | null = null;

  constructor(maxBytes: number, maxFragments: number, inflation: Inflation | null) {
    this.#maxBytes = maxBytes;
    this.#maxFragments = maxFragments;
    this.#inflation = inflation;
  }

  /** The memory held. */
  get heldBytes(): number {
    return this.#assembly === null ? 0 : this.#assembly.bytes.length;
  }

  /** A first frame's head says that a message begins. */
  begin(opcode: MessageOpcode, deflated: boolean): void {
    this.opcode = opcode;
    this.#deflated = deflated;
    this.#deflatedBytes = 0;
    this.#fragments = 0;
    this.#utf8 = utf8Start;
  }

  /** Whether a frame with so many payload bytes may be part of it. */
  admit(payloadBytes: number): FailureCode | null {
    if (this.#fragments++ === this.#maxFragments) return 'tooManyFragments';
    if (!this.#deflated) return payloadBytes > this.#maxBytes - this.#assembledBytes() ? 'messageTooBig' : null;
    if (payloadBytes > maxDeflatedBytes(this.#maxBytes) - this.#deflatedBytes) return 'messageTooBig';
    this.#deflatedBytes += payloadBytes;
    return null;
  }

  /**
   * Takes the next piece, unmasked, `bytes[start, end)`. `expected`: the bytes its frame still lacks; `last`: with it the message is
   * complete, and if nothing is wrong it is in `data`; `ascii`: it is known to be nothing else.
   */
  take(bytes: Uint8Array, start: number, end: number, expected: number, last: boolean, ascii: boolean): FailureCode | null {
    if (this.#deflated && this.#deflatedBytes > 0) return start === end && !last ? null : this.#inflate(bytes, start, end, last);
    // A compressed message of no bytes has no deflate block to inflate (RFC 7692, section 7.2.3.6 has one byte). It is empty: inflating it would leave
    // the inflater inside a block, and the next message with it.
    return this.#add(bytes, start, end, expected, last, ascii);
  }

  /** Lets go of what was assembled. */
  giveBack(): void {
    this.#assembly = null;
    this.forget();
  }

  /** Lets go of the complete message, which has been seen; one that is still growing stays. */
  forget(): void {
    this.data = nothing;
    this.dataStart = 0;
    this.dataEnd = 0;
  }

  #inflate(bytes: Uint8Array, start: number, end: number, last: boolean): FailureCode | null {
    const inflation = this.#inflation as Inflation;
    const inflated = inflation.inflate(bytes, start, end, last, this.#maxBytes - this.#assembledBytes());
    if (inflated === 'tooLarge') return 'messageTooBig';
    if (inflated === 'corrupt') return 'deflateCorrupt';
    return this.#add(inflated, 0, inflated.length, 0, last, false);
  }

  #add(bytes: Uint8Array, start: number, end: number, expected: number, last: boolean, ascii: boolean): FailureCode | null {
    if (this.opcode === Opcode.Text) {
      if (!ascii || this.#utf8 !== utf8Start) this.#utf8 = checkUtf8(this.#utf8, bytes, start, end);
      if (this.#utf8 === utf8Broken || (last && this.#utf8 !== utf8Start)) return 'invalidUtf8';
    }
    if (last && this.#assembledBytes() === 0) {
      this.data = bytes;
      this.dataStart = start;
      this.dataEnd = end;
      return null;
    }
    if (end > start) {
      const assembly = (this.#assembly ??= new Assembly());
      assembly.append(bytes, start, end, assembly.length + (end - start) + expected);
    }
    if (last) this.#giveAssembly();
    return null;
  }

  #giveAssembly(): void {
    const assembly = this.#assembly as Assembly;
    this.data = assembly.bytes;
    this.dataStart = 0;
    this.dataEnd = assembly.length;
  }

  #assembledBytes(): number {
    return this.#assembly === null ? 0 : this.#assembly.length;
  }
}
