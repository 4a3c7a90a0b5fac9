// A Writable as what output goes to: the stream's callback says that a piece has left.

import type { Writable } from 'node:stream';
import type { Output, PieceTarget } from './output.ts';

export class StreamTarget implements PieceTarget {
  readonly immediate = false;
  readonly #stream: Writable;
  readonly #left: (error?: Error | null) => void;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(stream: Writable, output: Output) {
    this.#stream = stream;
    this.#left = (error) => {
      if (!error) output.pieceLeft();
    };
  }

  /** Memory of the piece's own: the stream keeps it. */
  room(length: number): Uint8Array {
    this.#piece = Buffer.allocUnsafe(length);
    return this.#piece;
  }

  send(): boolean {
    return this.sendBytes(this.#piece);
  }

  sendBytes(piece: Uint8Array): boolean {
    this.#stream.write(piece, this.#left);
    return false;
  }
}
