// *( field-name ":" OWS field-value OWS CRLF ) CRLF (RFC 9112 5), in a head or a trailer section.

import { CR, HTAB, LF, SP, emptyHash, fieldValue, tokenLower } from './characters.ts';
import type { FailureCode } from './failure.ts';
import type { Scanner } from './scan.ts';

export const FieldState = { FirstLine: 20, Line: 21, Name: 22, Blank: 23, Value: 24, Lf: 25, EndLf: 26 } as const;

const COLON = 58;

export function readFieldLines(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  while (pos < end) {
    switch (scan.state) {
      case FieldState.Name:
        pos = readName(scan, bytes, pos, end);
        break;
      case FieldState.Blank:
        pos = readBlank(scan, bytes, pos, end);
        break;
      case FieldState.Value:
        pos = readValue(scan, bytes, pos, end);
        break;
      case FieldState.Lf:
        if (bytes[pos] !== LF) return scan.fail('bareCr', pos);
        scan.state = FieldState.Line;
        pos++;
        break;
      case FieldState.EndLf:
        if (bytes[pos] !== LF) return scan.fail('bareCr', pos);
        scan.isDone = true;
        return pos + 1;
      default:
        pos = beginLine(scan, bytes, pos);
    }
    if (scan.failure !== null) return pos;
  }
  return pos;
}

function beginLine(scan: Scanner, bytes: Uint8Array, pos: number): number {
  const byte = bytes[pos];
  if (tokenLower[byte] !== 0) {
    if (scan.fields.count >= scan.maxFields) return scan.fail(scan.isTrailers ? 'tooManyTrailers' : 'tooManyFields', pos);
    scan.lineStart = pos + scan.shift;
    scan.hash = emptyHash;
    scan.state = FieldState.Name;
    return pos;
  }
  if (byte === CR) {
    scan.state = FieldState.EndLf;
    return pos + 1;
  }
  if (byte === LF) return scan.fail('bareLf', pos);
  if (byte === SP || byte === HTAB) {
    return scan.fail(scan.state === FieldState.FirstLine ? 'whitespaceBeforeFields' : 'obsoleteFold', pos);
  }
  return scan.fail('invalidFieldName', pos);
}

/** Where a line that has not ended by then is too long. */
function lineStop(scan: Scanner, end: number): number {
  return Math.min(end, scan.lineStart - scan.shift + scan.limits.maxFieldLineBytes);
}

function readName(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const stop = lineStop(scan, end);
  let hash = scan.hash;
  for (; pos < stop; pos++) {
    const lower = tokenLower[bytes[pos]];
    if (lower === 0) break;
    hash = Math.imul(hash ^ lower, 0x01000193);
  }
  scan.hash = hash;
  if (pos === end) return pos;
  if (pos === stop) return scan.fail('fieldLineTooLong', pos);
  const byte = bytes[pos];
  if (byte !== COLON) return scan.fail(wrongNameByte(byte), pos);
  scan.nameEnd = pos + scan.shift;
  scan.state = FieldState.Blank;
  return pos + 1;
}

function wrongNameByte(byte: number): FailureCode {
  if (byte === SP || byte === HTAB) return 'spaceBeforeColon';
  return byte === LF ? 'bareLf' : 'invalidFieldName';
}

function readBlank(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const stop = lineStop(scan, end);
  while (pos < stop && (bytes[pos] === SP || bytes[pos] === HTAB)) pos++;
  scan.valueStart = pos + scan.shift;
  if (pos < end) scan.state = FieldState.Value;
  return pos;
}

function readValue(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const stop = lineStop(scan, end);
  while (pos < stop && fieldValue[bytes[pos]] === 1) pos++;
  if (pos === end) return pos;
  const byte = bytes[pos];
  if (byte === CR) {
    scan.fields.addLine(scan.hash, scan.lineStart, scan.nameEnd, scan.valueStart, pos + scan.shift);
    scan.state = FieldState.Lf;
    return pos + 1;
  }
  if (pos === stop && fieldValue[byte] === 1) return scan.fail('fieldLineTooLong', pos);
  return scan.fail(byte === LF ? 'bareLf' : 'invalidFieldValue', pos);
}
