// Writes heads. Everything is checked and measured first, then filled into one reserved piece of the output; what throws has written
// nothing.

import type { Brigade } from '@sluice/brigade';
import { UsageError } from './failure.ts';
import { isName } from './header-line.ts';
import { headBytes } from './limits.ts';
import { decimal, textBytes, wordBytes } from './line-text.ts';
import { writeText } from './utf8.ts';

/** Names and values in turn: `['Since', 'h1f:42']`. */
export type HeaderList = readonly string[];

/** `OK` CR LF alone. */
export function writeGreeting(output: Brigade): void {
  output.writeLatin1('OK\r\n');
}

/** `ERR: <text>` CR LF alone, in place of the greeting. */
export function writeRefusal(output: Brigade, text: string): void {
  fill(output, textBytes(text, 'the text'), 'ERR: ', text, '\r\n');
}

/** `ERR` about the connection: without Sequence. */
export function writeConnectionFailure(output: Brigade, text: string): void {
  fill(output, textBytes(text, 'the text'), 'ERR: ', text, '\r\nSize: 0\r\n\r\n');
}

/** The head of a reply; `sequence` was received, so it is fit to be sent. */
export function writeReply(output: Brigade, sequence: string, size: number): void {
  output.writeLatin1(`OK\r\nSequence: ${sequence}\r\nSize: ${decimal(size, 'Size')}\r\n\r\n`);
}

/** The head of a reply that says what failed. */
export function writeFailure(output: Brigade, text: string, sequence: string, size: number): void {
  fill(output, textBytes(text, 'the text'), 'ERR: ', text, `\r\nSequence: ${sequence}\r\nSize: ${decimal(size, 'Size')}\r\n\r\n`);
}

/** The head of a request. Without Size when `size` is 0. */
export function writeRequest(output: Brigade, command: string, args: readonly string[], sequence: string, headers: HeaderList, size: number): void {
  let bytes = wordBytes(command, 'the command');
  let line = command;
  for (const arg of args) {
    bytes += 1 + wordBytes(arg, 'an argument');
    line += ` ${arg}`;
  }
  bytes += headerBytes(headers);
  line += headerText(headers);
  fill(output, bytes, '', line, `\r\nSequence: ${sequence}${size === 0 ? '' : `\r\nSize: ${decimal(size, 'Size')}`}\r\n\r\n`);
}

/** `GAP topic`, with what is known of the gap. */
export function writeGap(output: Brigade, topic: string, headers: HeaderList): void {
  const bytes = wordBytes(topic, 'the topic') + headerBytes(headers);
  fill(output, bytes, 'GAP ', topic + headerText(headers), '\r\nSize: 0\r\n\r\n');
}

/** `BYE: <text>`: the last that a server says. */
export function writeGoodbye(output: Brigade, text: string, headers: HeaderList): void {
  const bytes = textBytes(text, 'the text') + headerBytes(headers);
  fill(output, bytes, 'BYE: ', text + headerText(headers), '\r\nSize: 0\r\n\r\n');
}

/** Bytes of the lines that `headerText` makes. Throws `UsageError` for a name or a value that cannot stand in one. */
export function headerBytes(headers: HeaderList): number {
  if (headers.length % 2 !== 0) throw new UsageError('a list of headers has a value for each name');
  let bytes = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i];
    checkName(name);
    bytes += name.length + 4 + textBytes(headers[i + 1], `the value of ${name}`);
  }
  return bytes;
}

/** Each header behind the end of the line before it. */
export function headerText(headers: HeaderList): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `\r\n${headers[i]}: ${headers[i + 1]}`;
  return text;
}

function checkName(name: string): void {
  if (!isName(name)) throw new UsageError(`${JSON.stringify(name)} is not a header's name`);
  const lower = name.toLowerCase();
  if (lower === 'sequence' || lower === 'size') throw new UsageError(`${name} is written by the engine`);
}

/** Writes `before`, then `text` of so many bytes in UTF-8, then `behind`. */
function fill(output: Brigade, bytes: number, before: string, text: string, behind: string): void {
  const length = before.length + bytes + behind.length;
  checkHeadBytes(length);
  const at = output.reserve(length);
  const into = output.reserved;
  writeText(into, writeText(into, writeText(into, at, before), text), behind);
}

/** Bytes of `bytes[start, end)`. Throws `UsageError` where that is no span of them. */
export function spanBytes(bytes: Uint8Array, start: number, end: number): number {
  if (!(start >= 0 && start <= end && end <= bytes.length)) throw new UsageError(`no bytes [${start}, ${end})`);
  return end - start;
}

/** Throws `UsageError` for a head that no receiver has to take. */
export function checkHeadBytes(length: number): void {
  if (length > headBytes) throw new UsageError(`a head of ${length} bytes; ${headBytes} is the most`);
}
