// Serialises a head into one reserved piece of memory: measured first, then filled, without strings in between.

import type { Brigade } from '@sluice/brigade';
import { UsageError } from './failure.ts';
import { BodyKind, type BodyKindCode } from './head.ts';
import {
  EncodedFields,
  type FieldList,
  type OutgoingFacts,
  engineLines,
  isSendable,
  writeBytes,
  writeFields,
  writeText,
} from './outgoing-fields.ts';
import { statusLine } from './status.ts';

/** What Connection says about persistence. */
export const ConnectionOption = { None: 0, Close: 1, KeepAlive: 2 } as const;
export type ConnectionOptionCode = (typeof ConnectionOption)[keyof typeof ConnectionOption];

export class HeadWriter {
  private readonly output: Brigade;
  private readonly date: (() => string) | null;
  private lastDate = '';

  constructor(output: Brigade, date: (() => string) | undefined) {
    this.output = output;
    this.date = date ?? null;
  }

  /**
   * `facts` are those of `fields`. `contentLength` −1 writes no Content-Length.
   * With a Date function, Date comes first unless the fields have one.
   */
  response(
    status: number,
    fields: FieldList | EncodedFields,
    facts: OutgoingFacts,
    kind: BodyKindCode,
    contentLength: number,
    option: ConnectionOptionCode,
  ): void {
    const line = statusLine(status);
    const date = this.date === null || status < 200 || facts.hasDate ? '' : this.currentDate(this.date);
    const connection = connectionValue(facts, option);
    let bytes = line.length + facts.bytes + framingBytes(kind, contentLength) + connectionBytes(connection, option) + 2;
    if (date !== '') bytes += engineLines.date.length + date.length + 2;
    let at = this.output.reserve(bytes);
    const into = this.output.reserved;
    at = writeBytes(into, at, line);
    if (date !== '') at = writeEnd(into, writeText(into, writeBytes(into, at, engineLines.date), date));
    this.finish(into, at, fields, facts, kind, contentLength, connection, option);
  }

  /** As `response`. Method and target have been checked. */
  request(
    method: string,
    target: string,
    fields: FieldList,
    facts: OutgoingFacts,
    kind: BodyKindCode,
    contentLength: number,
    option: ConnectionOptionCode,
  ): void {
    const connection = connectionValue(facts, option);
    const line = method.length + 1 + target.length + engineLines.version.length;
    let at = this.output.reserve(
      line + facts.bytes + framingBytes(kind, contentLength) + connectionBytes(connection, option) + 2,
    );
    const into = this.output.reserved;
    at = writeText(into, at, method);
    into[at] = 32;
    at = writeText(into, at + 1, target);
    at = writeBytes(into, at, engineLines.version);
    this.finish(into, at, fields, facts, kind, contentLength, connection, option);
  }

  private finish(
    into: Uint8Array,
    at: number,
    fields: FieldList | EncodedFields,
    facts: OutgoingFacts,
    kind: BodyKindCode,
    contentLength: number,
    connection: string,
    option: ConnectionOptionCode,
  ): void {
    at = fields instanceof EncodedFields ? writeBytes(into, at, fields.bytes) : writeFields(into, at, fields, facts.hasSkipped);
    if (kind === BodyKind.Chunked) {
      at = writeBytes(into, at, engineLines.chunked);
    } else if (contentLength >= 0) {
      at = writeBytes(into, at, engineLines.contentLength);
      at = writeEnd(into, writeDecimal(into, at, contentLength));
    }
    if (connection !== '') at = writeEnd(into, writeText(into, writeBytes(into, at, engineLines.connection), connection));
    else if (option === ConnectionOption.Close) at = writeBytes(into, at, engineLines.close);
    else if (option === ConnectionOption.KeepAlive) at = writeBytes(into, at, engineLines.keepAlive);
    writeEnd(into, at);
  }

  private currentDate(date: () => string): string {
    const text = date();
    if (text !== this.lastDate) {
      if (!isSendable(text)) throw new UsageError('the date has a character that no field value may have');
      this.lastDate = text;
    }
    return text;
  }
}

/** The whole value where more than `close` or `keep-alive` has to be said, else empty. */
function connectionValue(facts: OutgoingFacts, option: ConnectionOptionCode): string {
  if (facts.connection === '' && !facts.hasUpgrade && !facts.hasTe) return '';
  const options = facts.connection
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !/^(?:close|keep-alive|upgrade|te)$/i.test(each));
  if (facts.hasUpgrade) options.push('upgrade');
  if (facts.hasTe) options.push('TE');
  if (options.length === 0) return '';
  if (option === ConnectionOption.Close) options.push('close');
  else if (option === ConnectionOption.KeepAlive) options.push('keep-alive');
  return options.join(', ');
}

function connectionBytes(value: string, option: ConnectionOptionCode): number {
  if (value !== '') return engineLines.connection.length + value.length + 2;
  if (option === ConnectionOption.None) return 0;
  return option === ConnectionOption.Close ? engineLines.close.length : engineLines.keepAlive.length;
}

function framingBytes(kind: BodyKindCode, contentLength: number): number {
  if (kind === BodyKind.Chunked) return engineLines.chunked.length;
  return contentLength < 0 ? 0 : engineLines.contentLength.length + decimalDigits(contentLength) + 2;
}

function decimalDigits(value: number): number {
  let digits = 1;
  while ((value = Math.floor(value / 10)) > 0) digits++;
  return digits;
}

function writeDecimal(into: Uint8Array, at: number, value: number): number {
  const end = at + decimalDigits(value);
  for (let i = end - 1, rest = value; i >= at; i--, rest = Math.floor(rest / 10)) into[i] = 48 + (rest % 10);
  return end;
}

function writeEnd(into: Uint8Array, at: number): number {
  into[at] = 13;
  into[at + 1] = 10;
  return at + 2;
}
