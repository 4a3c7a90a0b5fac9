// method SP request-target SP HTTP-version CRLF (RFC 9112 3). Single spaces, nothing else.

import { CR, HTAB, LF, SP, pathByte, queryByte, tokenLower } from './characters.ts';
import { FieldState } from './field-lines.ts';
import type { Scanner } from './scan.ts';
import { readVersion } from './version.ts';

export const RequestLineState = { Method: 1, Target: 2, Query: 3, Version: 4, Lf: 5 } as const;

const PERCENT = 37;
const QUESTION = 63;

export function readRequestLine(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  while (pos < end) {
    switch (scan.state) {
      case RequestLineState.Method:
        pos = readMethod(scan, bytes, pos, end);
        break;
      case RequestLineState.Target:
      case RequestLineState.Query:
        pos = readTarget(scan, bytes, pos, end);
        break;
      case RequestLineState.Version:
        if (scan.matched < versionBytes) {
          if (scan.matched === 0 && (bytes[pos] === SP || bytes[pos] === HTAB)) return scan.fail('requestLineWhitespace', pos);
          pos = readVersion(scan, bytes, pos, end, 'invalidVersion');
          break;
        }
        if (bytes[pos] !== CR) return scan.fail(wrongByte(bytes[pos], 'invalidVersion'), pos);
        if (scan.majorVersion !== 1) return scan.fail('unsupportedVersion', pos);
        scan.state = RequestLineState.Lf;
        pos++;
        break;
      default:
        if (bytes[pos] !== LF) return scan.fail('bareCr', pos);
        scan.state = FieldState.FirstLine;
        return pos + 1;
    }
    if (scan.failure !== null) return pos;
  }
  return pos;
}

const versionBytes = 8;

function readMethod(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const stop = Math.min(end, scan.limits.maxMethodBytes - scan.shift);
  while (pos < stop && tokenLower[bytes[pos]] !== 0) pos++;
  if (pos === end) return pos;
  const byte = bytes[pos];
  if (byte === SP && pos + scan.shift > 0) {
    scan.requestHead.parts.start = pos + scan.shift + 1;
    scan.state = RequestLineState.Target;
    return pos + 1;
  }
  if (tokenLower[byte] !== 0) return scan.fail('methodTooLong', pos);
  return scan.fail(wrongByte(byte, 'invalidMethod'), pos);
}

function readTarget(scan: Scanner, bytes: Uint8Array, pos: number, end: number): number {
  const { parts } = scan.requestHead;
  const stop = Math.min(end, parts.start - scan.shift + scan.limits.maxTargetBytes);
  const allowed = scan.state === RequestLineState.Target ? pathByte : queryByte;
  for (; pos < stop && allowed[bytes[pos]] === 1; pos++) if (bytes[pos] === PERCENT) parts.hasPercent = true;
  if (pos === end) return pos;
  const byte = bytes[pos];
  const at = pos + scan.shift;
  if (byte === SP && at > parts.start) {
    parts.end = at;
    scan.state = RequestLineState.Version;
    scan.matched = 0;
    return pos + 1;
  }
  if (pos === stop && queryByte[byte] === 1) return scan.fail('targetTooLong', pos);
  if (byte === QUESTION && scan.state === RequestLineState.Target) {
    parts.queryStart = at + 1;
    scan.state = RequestLineState.Query;
    return pos + 1;
  }
  return scan.fail(wrongByte(byte, 'invalidTarget'), pos);
}

/** What it means that `byte` stands where the line's syntax has no place for it. */
function wrongByte(byte: number, otherwise: 'invalidMethod' | 'invalidTarget' | 'invalidVersion') {
  if (byte === SP || byte === HTAB) return 'requestLineWhitespace';
  if (byte === LF) return 'bareLf';
  return byte === CR ? 'invalidRequestLine' : otherwise;
}
