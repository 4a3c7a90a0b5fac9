// What a server says against a client, in an HTTP response that is no upgrade or in a close frame: whether to come back, when, and the
// reason in words fit for a terminal.

import { statusText, type ResponseHead } from '@sluice/http1';
import type { Refusal } from './connector/outbound-session.ts';

const longestText = 300;

/** Client errors stay what they are; these say "not now" (RFC 9110 15.5, RFC 8470, RFC 6585). A redirection is not followed. */
const temporary: ReadonlySet<number> = new Set([408, 425, 429]);

/** Whether the same request would be answered the same way again. */
export function isPermanent(status: number): boolean {
  if (status >= 500) return status === 501 || status === 505;
  return !temporary.has(status);
}

/** `Retry-After` in ms (RFC 9110 10.2.3): seconds, or a date, counted from the response's own `Date`. Null without one. */
export function retryAfterMs(response: ResponseHead): number | null {
  const value = response.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const waitMs = Date.parse(value) - Date.parse(response.get('date') ?? '');
  return waitMs > 0 ? waitMs : null;
}

/** The time to come back in a close frame's reason, as this gateway's drain gives it: `retry-after-ms=1234`. Null without one. */
export function retryHintMs(closeReason: string): number | null {
  const found = /(?:^|[\s;,])retry-after-ms=(\d{1,9})(?:$|[\s;,])/.exec(closeReason);
  return found === null ? null : Number(found[1]);
}

/** Codes that put the blame on what this client sent (RFC 6455, section 7.4.1). */
const blames: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/**
 * What a close frame holds against this client; null for an end in good order, or the server's own trouble. Being too fast passes.
 * Codes from 4400 to 4599 are 4000 plus the HTTP status of the same meaning, as this gateway has them (RFC 6455, section 7.4.2: private use).
 */
export function closeRefusal(code: number, reason: string): Refusal | null {
  const status = code - 4000;
  const isStatus = status >= 400 && status < 600;
  if (!isStatus && !blames.has(code)) return null;
  const text = printable(`the server closed the WebSocket with ${code}${reason === '' ? '' : `: ${reason}`}`);
  if (isStatus) return { text, status, permanent: isPermanent(status) };
  return { text, status: code, permanent: retryHintMs(reason) === null && !/^too many\b/i.test(reason) };
}

/** The status, and what the body (UTF-8) adds to it: the detail of a problem document (RFC 9457), or the beginning of a text. */
export function refusalText(response: ResponseHead, body: readonly number[]): string {
  const { status } = response;
  const name = statusText[status];
  const answer = `the server answered ${status}${name === undefined ? '' : ` ${name}`}`;
  const location = response.get('location');
  const detail = detailOf(response.get('content-type') ?? '', textOf(body)) || (location === null ? '' : `see ${location}`);
  return printable(detail === '' ? answer : `${answer}: ${detail}`);
}

/** Empty where it is not UTF-8: a refusal is no place for riddles. */
function textOf(bytes: readonly number[]): string {
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return '';
  }
}

function detailOf(type: string, body: string): string {
  if (/^application\/(?:problem\+)?json\b/i.test(type)) {
    try {
      const problem: unknown = JSON.parse(body);
      if (typeof problem !== 'object' || problem === null) return '';
      const { detail, title } = problem as { readonly detail?: unknown; readonly title?: unknown };
      return typeof detail === 'string' ? detail : typeof title === 'string' ? title : '';
    } catch {
      return '';
    }
  }
  return /^text\/plain\b/i.test(type) ? body.trim() : '';
}

/** One line, bounded, and nothing in it that a terminal would obey. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return line.length <= longestText ? line : `${line.slice(0, longestText)}…`;
}
