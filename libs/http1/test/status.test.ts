// RFC 9112 4: status lines as they are sent. `status-line.test.ts` reads them.

import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ascii, statusLine, statusText } from '../src/status.ts';
import { fetch, textOf } from './wire.ts';

describe('statusLine', () => {
  it('has the phrase of each status that has one, and our own reader takes it', () => {
    const statuses = Object.keys(statusText).map(Number);
    expect(statuses.length).toBeGreaterThan(50);
    for (const status of statuses.filter((each) => each >= 200)) {
      const line = textOf(statusLine(status));
      expect(line).toBe(`HTTP/1.1 ${status} ${statusText[status]}\r\n`);
      expect(fetch(`${line}Content-Length: 0\r\n\r\n`)[0]?.start).toBe(`${status} ${statusText[status]} 1`);
    }
  });

  it.each([299, 418, 599, 999])('keeps the space before the phrase that %i does not have', (status) => {
    expect(textOf(statusLine(status))).toBe(`HTTP/1.1 ${status} \r\n`);
  });

  it('gives the line of a known status without making it again', () => {
    expect(statusLine(200)).toBe(statusLine(200));
  });
});

describe('statusText', () => {
  it("is what Node's table says, with the names of RFC 9110 and the registry", () => {
    const renamed: Record<string, string> = { 413: 'Content Too Large', 422: 'Unprocessable Content' };
    for (const [status, phrase] of Object.entries(statusText)) {
      expect([status, phrase]).toEqual([status, renamed[status] ?? STATUS_CODES[status] ?? phrase]);
    }
  });
});

describe('ascii', () => {
  it('is one byte for each character', () => {
    expect(ascii('A~\r\n')).toEqual(Uint8Array.of(65, 126, 13, 10));
  });
});
