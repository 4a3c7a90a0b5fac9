// Cuts a stream into lines, one message each, and stops reading while nobody takes them. A line ends with LF or CR LF; what stands behind
// the last one is a line, too.

import type { Readable } from 'node:stream';

export interface LineSink {
  /** One line without its end, in memory of its own. False: no further line until `resume()`. */
  onLine(bytes: Uint8Array): boolean;
  /** No further line. */
  onEnd(): void;
  onError(message: string): void;
}

const LF = 10;
const CR = 13;

export class LineSource {
  readonly #stream: Readable;
  readonly #sink: LineSink;
  readonly #maxLineBytes: number;
  /** Pieces of a line whose end has not come. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** What was read and waits for `resume()`. */
  #rest: Buffer | null = null;
  #isPaused = false;
  #hasEnded = false;
  #isOver = false;

  constructor(stream: Readable, maxLineBytes: number, sink: LineSink) {
    this.#stream = stream;
    this.#maxLineBytes = maxLineBytes;
    this.#sink = sink;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => {
      this.#hasEnded = true;
      this.#end();
    });
    stream.on('error', (error) => this.#fail(`standard input: ${error.message}`));
  }

  resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) this.#take(rest);
    if (this.#isPaused) return;
    this.#stream.resume();
    this.#end();
  }

  /** Reads nothing more, and tells nobody. */
  close(): void {
    this.#isOver = true;
    this.#stream.destroy();
  }

  #take(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length && !this.#isOver) {
      if (this.#isPaused) {
        this.#rest = chunk.subarray(start);
        return;
      }
      const end = chunk.indexOf(LF, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (this.#pieceBytes + piece.length > this.#maxLineBytes) {
        this.#fail(`a line is longer than ${this.#maxLineBytes} bytes`);
        return;
      }
      this.#pieces.push(piece);
      this.#pieceBytes += piece.length;
      if (end === -1) return;
      start = end + 1;
      this.#give();
    }
  }

  #give(): void {
    const line = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    const end = line.at(-1) === CR ? line.length - 1 : line.length;
    if (this.#sink.onLine(line.subarray(0, end))) return;
    this.#isPaused = true;
    this.#stream.pause();
  }

  #end(): void {
    if (!this.#hasEnded || this.#isPaused || this.#isOver) return;
    if (this.#pieceBytes > 0) {
      this.#give();
      if (this.#isPaused) return;
    }
    this.#isOver = true;
    this.#sink.onEnd();
  }

  #fail(message: string): void {
    if (this.#isOver) return;
    this.close();
    this.#sink.onError(message);
  }
}
