// What the tests put into brigades: text, files in memory, streams that give what they are told to.

import { type Brigade, FileHandleRef, type Pool, setDebug, type StreamSource, transientBytes } from '../src/index.ts';

setDebug(true);

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export function namesIn(brigade: Brigade): string[] {
  return Array.from({ length: brigade.count }, (_, i) => brigade.at(i).type.name);
}

/** Appends each text as a transient bucket. */
export function fill(brigade: Brigade, ...texts: string[]): void {
  for (const text of texts) brigade.append(transientBytes(bytesOf(text)));
}

export function textIn(brigade: Brigade): string {
  return textOf(brigade.flatten());
}

/** A file in memory. `content` may be replaced to change the file under its handle. */
export class MemoryFile {
  content: Uint8Array;
  closed = 0;
  readonly fd = 7;

  constructor(content: string) {
    this.content = bytesOf(content);
  }

  readSync(into: Uint8Array, start: number, length: number, position: number): number {
    const piece = this.content.subarray(position, position + length);
    into.set(piece, start);
    return piece.length;
  }

  close(): void {
    this.closed++;
  }

  open(pool: Pool): FileHandleRef {
    return new FileHandleRef(pool, this, this.content.length);
  }
}

/** A stream that gives one piece a read; `''` stands for "none yet", the end of the list for the end. */
export class Pieces implements StreamSource {
  readonly pieces: string[];
  closed = 0;

  constructor(...pieces: string[]) {
    this.pieces = pieces;
  }

  read(into: Uint8Array, start: number, end: number): number {
    const piece = this.pieces.shift();
    if (piece === undefined) return -1;
    const bytes = bytesOf(piece).subarray(0, end - start);
    if (bytes.length < piece.length) this.pieces.unshift(piece.slice(bytes.length));
    into.set(bytes, start);
    return bytes.length;
  }

  onReadable(callback: () => void): void {
    callback();
  }

  close(): void {
    this.closed++;
  }
}
