// Fields on their way out: checked before a byte is written, so that no value can end its line, and measured, so that
// the whole head is filled into one reserved piece of memory.
//
// Framing and persistence are the engine's: Content-Length and Connection given here are taken as wishes and written by
// the engine once; Transfer-Encoding is refused.

import { fieldValue, emptyHash, foldHash, hashOf, tokenLower } from './characters.ts';
import { UsageError } from './failure.ts';
import { ascii } from './status.ts';

/** Names and values in turn: `['Content-Type', 'text/plain', 'Vary', 'Accept']`. Characters up to U+00FF, one byte each. */
export type FieldList = readonly string[];

export const noFields: FieldList = [];

const hash = {
  connection: hashOf('connection'),
  contentLength: hashOf('content-length'),
  date: hashOf('date'),
  host: hashOf('host'),
  te: hashOf('te'),
  transferEncoding: hashOf('transfer-encoding'),
  upgrade: hashOf('upgrade'),
} as const;

/** Checked and encoded once, to be sent with many heads. May not have Connection, Content-Length, Upgrade, TE or Host. */
export class EncodedFields {
  readonly bytes: Uint8Array;
  readonly hasDate: boolean;

  /** Throws `UsageError`. */
  constructor(fields: FieldList) {
    const facts = new OutgoingFacts();
    facts.collect(fields);
    if (facts.contentLength >= 0 || facts.connection !== '' || facts.hasUpgrade || facts.hasTe || facts.hosts > 0) {
      throw new UsageError('fields that concern one message or its connection cannot be encoded beforehand');
    }
    this.bytes = new Uint8Array(facts.bytes);
    writeFields(this.bytes, 0, fields, false);
    this.hasDate = facts.hasDate;
  }
}

/** What a list of fields says that the engine has to know. One per engine, filled anew for each head. */
export class OutgoingFacts {
  /** Bytes of the lines that `writeFields` writes. */
  bytes = 0;
  /** -1: not given. */
  contentLength = -1;
  /** The options of Connection, as given. */
  connection = '';
  /** Some lines are for the engine to write, not for `writeFields`. */
  hasSkipped = false;
  hasDate = false;
  hasUpgrade = false;
  hasTe = false;
  hosts = 0;

  /** Throws `UsageError` for what cannot be sent. */
  collect(fields: FieldList): void {
    this.bytes = 0;
    this.contentLength = -1;
    this.connection = '';
    this.hasSkipped = false;
    this.hasDate = false;
    this.hasUpgrade = false;
    this.hasTe = false;
    this.hosts = 0;
    if (fields.length % 2 !== 0) throw new UsageError('a list of fields has a value for each name');
    for (let i = 0; i < fields.length; i += 2) this.collectField(fields[i], fields[i + 1]);
  }

  private collectField(name: string, value: string): void {
    if (!isSendable(value)) throw new UsageError(`the value of ${JSON.stringify(name)} has a character that no field value may have`);
    switch (checkedHash(name)) {
      case hash.contentLength:
        if (name.toLowerCase() === 'content-length') return this.collectLength(value);
        break;
      case hash.connection:
        if (name.toLowerCase() === 'connection') return this.collectOptions(value);
        break;
      case hash.transferEncoding:
        if (name.toLowerCase() === 'transfer-encoding') throw new UsageError('Transfer-Encoding is written by the engine');
        break;
      case hash.date:
        this.hasDate ||= name.toLowerCase() === 'date';
        break;
      case hash.upgrade:
        this.hasUpgrade ||= name.toLowerCase() === 'upgrade';
        break;
      case hash.te:
        this.hasTe ||= name.toLowerCase() === 'te';
        break;
      case hash.host:
        if (name.toLowerCase() === 'host') this.hosts++;
        break;
      default:
    }
    this.bytes += name.length + value.length + 4;
  }

  private collectLength(value: string): void {
    const length = /^\d{1,16}$/.test(value) ? Number(value) : -1;
    if (length < 0 || !Number.isSafeInteger(length)) throw new UsageError(`Content-Length ${JSON.stringify(value)} is not a length`);
    if (this.contentLength >= 0) throw new UsageError('Content-Length is given twice');
    this.contentLength = length;
    this.hasSkipped = true;
  }

  private collectOptions(value: string): void {
    this.connection = this.connection === '' ? value : `${this.connection}, ${value}`;
    this.hasSkipped = true;
  }
}

/** Hash of the name; throws where it is not a token. */
function checkedHash(name: string): number {
  let folded = emptyHash;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const lower = code < 128 ? tokenLower[code] : 0;
    if (lower === 0) throw new UsageError(`${JSON.stringify(name)} is not a field name`);
    folded = foldHash(folded, lower);
  }
  if (name.length === 0) throw new UsageError('a field name is empty');
  return folded;
}

/** Whether every character is one that a field value may have, as one byte. */
export function isSendable(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 255 || fieldValue[code] === 0) return false;
  }
  return true;
}

/** Writes the lines at `at` and answers where they end; `skips` leaves out what the engine writes itself. */
export function writeFields(into: Uint8Array, at: number, fields: FieldList, skips: boolean): number {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    if (skips && isWrittenByEngine(name)) continue;
    at = writeText(into, at, name);
    into[at] = 58;
    into[at + 1] = 32;
    at = writeText(into, at + 2, fields[i + 1]);
    into[at] = 13;
    into[at + 1] = 10;
    at += 2;
  }
  return at;
}

function isWrittenByEngine(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'content-length' || lower === 'connection';
}

export function writeText(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Copies short constants faster than `set` does. */
export function writeBytes(into: Uint8Array, at: number, bytes: Uint8Array): number {
  if (bytes.length > 64) into.set(bytes, at);
  else for (let i = 0; i < bytes.length; i++) into[at + i] = bytes[i];
  return at + bytes.length;
}

/** Lines the engine writes. */
export const engineLines = {
  chunked: ascii('Transfer-Encoding: chunked\r\n'),
  contentLength: ascii('Content-Length: '),
  connection: ascii('Connection: '),
  close: ascii('Connection: close\r\n'),
  keepAlive: ascii('Connection: keep-alive\r\n'),
  date: ascii('Date: '),
  version: ascii(' HTTP/1.1\r\n'),
} as const;
