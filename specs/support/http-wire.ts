// HTTP/1.1 replies as they are on the wire, for specs: read by the plainest reading of RFC 9112, without leniency.

import type { Take } from './wire-peer.ts';

export interface Reply {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; repeated fields joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Chunks that the body came in; 0 when it was not chunked. */
  readonly chunks: number;
}

type Taken<T> = ReturnType<Take<T>>;

export function parseReply(bytes: Buffer, method: string, ended: boolean): Taken<Reply> {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const match = /^(HTTP\/1\.[01]) (\d{3}) ([^\r\n]*)$/.exec(statusLine);
  if (match === null) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
  const [, version = '', statusText, reason = ''] = match;
  const status = Number(statusText);
  const headers = readFields(lines);
  const start = headEnd + 4;
  const answer = (body: Buffer, length: number, chunks = 0): Taken<Reply> => ({ value: { version, status, reason, headers, body, chunks }, length });
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return answer(Buffer.alloc(0), start);
  if (headers.get('transfer-encoding') === 'chunked') {
    const pieces: string[] = [];
    let at = start;
    for (;;) {
      const taken = takeChunk(bytes.subarray(at));
      if (taken === null) return null;
      at += taken.length;
      if (taken.value === '') return answer(Buffer.from(pieces.join(''), 'latin1'), at, pieces.length);
      pieces.push(taken.value);
    }
  }
  const length = headers.get('content-length');
  if (length === undefined) return ended ? answer(bytes.subarray(start), bytes.length) : null;
  const end = start + Number(length);
  return bytes.length < end ? null : answer(bytes.subarray(start, end), end);
}

function readFields(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) throw new Error(`not a field line: ${JSON.stringify(line)}`);
    const [, name = '', value = ''] = match;
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** One chunk without extensions as latin1 text; `''` is the last one, with the empty trailer section behind it. */
export function takeChunk(bytes: Buffer): Taken<string> {
  const lineEnd = bytes.indexOf('\r\n');
  if (lineEnd < 0) return null;
  const line = bytes.toString('latin1', 0, lineEnd);
  if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`not a chunk: ${JSON.stringify(line)}`);
  const end = lineEnd + 2 + Number.parseInt(line, 16);
  if (bytes.length < end + 2) return null;
  if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('a chunk does not end with CRLF');
  return { value: bytes.toString('latin1', lineEnd + 2, end), length: end + 2 };
}
