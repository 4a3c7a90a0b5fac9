// RFC 9112 2.3: the version, in any pieces.

import { describe, expect, it } from 'vitest';
import { RequestHead } from '../src/head.ts';
import { defaultLimits } from '../src/limits.ts';
import { Scanner } from '../src/scan.ts';
import { readVersion } from '../src/version.ts';
import { bytesOf } from './wire.ts';

/** Reads the text in two pieces, cut at `cut`: where it stopped, and what the head or the failure says. */
function read(text: string, cut: number): { stopped: number; matched: number; minor: number; failure: string | null } {
  const head = new RequestHead();
  const scan = new Scanner(defaultLimits, head);
  scan.beginHead(head);
  const bytes = bytesOf(text);
  let stopped = readVersion(scan, bytes, 0, cut, 'invalidVersion');
  if (scan.failure === null) stopped = readVersion(scan, bytes, stopped, bytes.length, 'invalidVersion');
  return { stopped, matched: scan.matched, minor: head.minorVersion, failure: scan.failure };
}

describe('readVersion', () => {
  it.each([
    ['HTTP/1.0', 0],
    ['HTTP/1.1', 1],
    ['HTTP/1.2', 2],
    ['HTTP/1.9', 9],
  ])('%s has the minor version %i, and ends after eight bytes', (text, minor) => {
    for (let cut = 0; cut <= text.length; cut++) {
      expect(read(`${text}1\r\n`, cut)).toEqual({ stopped: 8, matched: 8, minor, failure: null });
    }
  });

  it.each([
    ['HTTP/9.x', 7, 'invalidVersion'],
    ['HTTP/2x', 6, 'invalidVersion'],
    ['HTTP/01.01', 6, 'invalidVersion'],
    ['http/1.1', 0, 'invalidVersion'],
    ['HTTp/1.1', 3, 'invalidVersion'],
    ['HTTP-1.1', 4, 'invalidVersion'],
    ['HTTP/x.1', 5, 'invalidVersion'],
    ['HTTP/:.1', 5, 'invalidVersion'],
    ['HTTP/1,1', 6, 'invalidVersion'],
    ['HTTP/11.', 6, 'invalidVersion'],
    ['HTTP/1./', 7, 'invalidVersion'],
    ['HTTP/1.:', 7, 'invalidVersion'],
  ])('%s stops at byte %i: %s', (text, stopped, failure) => {
    for (let cut = 0; cut <= text.length; cut++) expect(read(text, cut)).toMatchObject({ stopped, failure });
  });

  it.each([
    ['HTTP/2.0', 2],
    ['HTTP/0.9', 0],
    ['HTTP/3.0', 3],
  ])('%s is well-formed, of major version %i', (text, major) => {
    const head = new RequestHead();
    const scan = new Scanner(defaultLimits, head);
    scan.beginHead(head);
    expect(readVersion(scan, bytesOf(text), 0, text.length, 'invalidVersion')).toBe(8);
    expect([scan.failure, scan.majorVersion]).toEqual([null, major]);
  });

  it('waits for the rest', () => {
    expect(read('HTTP/1', 3)).toMatchObject({ stopped: 6, matched: 6, failure: null });
  });
});
