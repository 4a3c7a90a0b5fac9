// A field section as received: its bytes in one buffer, and one row of offsets per line.
//
// Names and values become strings only when asked for. Lookup compares a hash first and the bytes then, so fields that
// nobody looks at cost their scan and a copy. Order, repetition and the case of names are kept.

import { SP, HTAB, emptyHash, equalsToken, foldHash, hashOf, latin1, tokenLower } from './characters.ts';
import { commonNames } from './names.ts';

/** Columns of a row: hash of the lower-case name, and offsets into `text`. */
const Column = { Hash: 0, NameStart: 1, NameEnd: 2, ValueStart: 3, ValueEnd: 4 } as const;
const columns = 5;
const keptTextBytes = 2048;
const keptRows = 32;

const COMMA = 44;

export class Fields {
  /** The bytes of the section, `text[0, used)`. */
  protected text: Uint8Array = new Uint8Array(0);
  protected used = 0;
  private rows: Int32Array = new Int32Array(0);
  private lines = 0;

  /** Number of field lines. */
  get count(): number {
    return this.lines;
  }

  /** Bytes received so far, line ends included. */
  get bytes(): number {
    return this.used;
  }

  /** Name of line `index`, in lower case. */
  nameAt(index: number): string {
    const at = this.row(index);
    const known = commonNames.get(this.rows[at + Column.Hash]);
    const start = this.rows[at + Column.NameStart];
    const end = this.rows[at + Column.NameEnd];
    return known !== undefined && equalsToken(this.text, start, end, known)
      ? known
      : latin1(this.text, start, end).toLowerCase();
  }

  /** Name of line `index` as it was written. */
  rawNameAt(index: number): string {
    const at = this.row(index);
    return latin1(this.text, this.rows[at + Column.NameStart], this.rows[at + Column.NameEnd]);
  }

  /** Value of line `index` without the whitespace around it, one character per byte. */
  valueAt(index: number): string {
    const at = this.row(index);
    return latin1(this.text, this.rows[at + Column.ValueStart], this.rows[at + Column.ValueEnd]);
  }

  /** Index of the first line of that name (any case) at or after `from`, or -1. */
  find(name: string, from = 0): number {
    const lower = name.toLowerCase();
    return this.findHashed(hashOf(lower), lower, from);
  }

  has(name: string): boolean {
    return this.find(name) >= 0;
  }

  /** The value; several lines are joined with `, ` (RFC 9110 5.3). Null where there is none. For Set-Cookie use `getAll`. */
  get(name: string): string | null {
    const lower = name.toLowerCase();
    const hash = hashOf(lower);
    let index = this.findHashed(hash, lower, 0);
    if (index < 0) return null;
    let value = this.valueAt(index);
    while ((index = this.findHashed(hash, lower, index + 1)) >= 0) value += `, ${this.valueAt(index)}`;
    return value;
  }

  /** One value per line, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (let index = this.find(name); index >= 0; index = this.find(name, index + 1)) values.push(this.valueAt(index));
    return values;
  }

  /** Whether the comma-separated list of that name has the token, in any case. Makes no string. */
  hasToken(name: string, token: string): boolean {
    const lower = token.toLowerCase();
    for (let index = this.find(name); index >= 0; index = this.find(name, index + 1)) {
      if (this.listHas(index, lower)) return true;
    }
    return false;
  }

  /** `[name, value]` of every line, in order, names in lower case. */
  *[Symbol.iterator](): Iterator<[string, string]> {
    for (let index = 0; index < this.lines; index++) yield [this.nameAt(index), this.valueAt(index)];
  }

  private row(index: number): number {
    if (!(index >= 0 && index < this.lines)) throw new RangeError(`no field line ${index} of ${this.lines}`);
    return index * columns;
  }

  private findHashed(hash: number, lower: string, from: number): number {
    const rows = this.rows;
    for (let index = from, at = from * columns; index < this.lines; index++, at += columns) {
      if (
        rows[at + Column.Hash] === hash &&
        equalsToken(this.text, rows[at + Column.NameStart], rows[at + Column.NameEnd], lower)
      ) {
        return index;
      }
    }
    return -1;
  }

  private listHas(index: number, lower: string): boolean {
    let start = this.valueStart(index);
    const end = this.valueEnd(index);
    while (start < end) {
      let comma = start;
      while (comma < end && this.text[comma] !== COMMA) comma++;
      if (equalsToken(this.text, skipBlanks(this.text, start, comma), skipBlanksBack(this.text, start, comma), lower)) {
        return true;
      }
      start = comma + 1;
    }
    return false;
  }

  // What follows is for the reader of this section.

  /** Empties it; a large buffer is let go, so that an idle connection keeps little. */
  reset(): void {
    this.used = 0;
    this.lines = 0;
    if (this.text.length > keptTextBytes) this.text = new Uint8Array(0);
    if (this.rows.length > keptRows * columns) this.rows = new Int32Array(0);
  }

  /** Copies `bytes[start, end)` to the end of the text. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length === 0) return;
    const used = this.used;
    if (used + length > this.text.length) {
      const grown = new Uint8Array(Math.max(256, used + length, used === 0 ? 0 : this.text.length * 2));
      grown.set(this.text.subarray(0, used));
      this.text = grown;
    }
    if (length <= 32) {
      for (let i = start, at = used; i < end; i++, at++) this.text[at] = bytes[i];
    } else {
      // Not `subarray`: on a Buffer that makes another Buffer, which costs several times as much.
      this.text.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), used);
    }
    this.used = used + length;
  }

  /** Adds a row; offsets are into the text as it will be once everything scanned has been appended. */
  addLine(hash: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.lines * columns;
    if (at === this.rows.length) {
      const grown = new Int32Array(Math.max(16 * columns, at * 2));
      grown.set(this.rows);
      this.rows = grown;
    }
    const rows = this.rows;
    rows[at + Column.Hash] = hash;
    rows[at + Column.NameStart] = nameStart;
    rows[at + Column.NameEnd] = nameEnd;
    rows[at + Column.ValueStart] = valueStart;
    rows[at + Column.ValueEnd] = valueEnd;
    this.lines++;
  }

  /** The section is complete: drops the whitespace after each value, which only now is at hand in one piece. */
  complete(): void {
    const rows = this.rows;
    for (let index = 0, at = 0; index < this.lines; index++, at += columns) {
      rows[at + Column.ValueEnd] = skipBlanksBack(this.text, rows[at + Column.ValueStart], rows[at + Column.ValueEnd]);
    }
  }

  /** Hash of the name of line `index`; equal hashes still need `isNamed`. */
  hashAt(index: number): number {
    return this.rows[index * columns];
  }

  isNamed(index: number, lowerName: string): boolean {
    const at = index * columns;
    return equalsToken(this.text, this.rows[at + Column.NameStart], this.rows[at + Column.NameEnd], lowerName);
  }

  valueStart(index: number): number {
    return this.rows[index * columns + Column.ValueStart];
  }

  valueEnd(index: number): number {
    return this.rows[index * columns + Column.ValueEnd];
  }

  /** The buffer the offsets point into. Replaced when it grows. */
  get buffer(): Uint8Array {
    return this.text;
  }
}

export function skipBlanks(text: Uint8Array, start: number, end: number): number {
  while (start < end && (text[start] === SP || text[start] === HTAB)) start++;
  return start;
}

export function skipBlanksBack(text: Uint8Array, start: number, end: number): number {
  while (end > start && (text[end - 1] === SP || text[end - 1] === HTAB)) end--;
  return end;
}

/** Hash of a token in the text, in any case. 0 is the answer for what is not a token. */
export function hashToken(text: Uint8Array, start: number, end: number): number {
  let hash = emptyHash;
  for (let i = start; i < end; i++) {
    const c = tokenLower[text[i]];
    if (c === 0) return 0;
    hash = foldHash(hash, c);
  }
  return hash;
}

