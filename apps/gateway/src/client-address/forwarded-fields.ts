// What proxies write about the client of a request: `X-Forwarded-For` (a list of addresses) and `Forwarded` (RFC 7239: a list of
// elements, each with parameters such as `for` and `proto`).
//
// Each proxy appends, so only the right end of a list was written by the proxy nearest to us, and everything to the left may have been
// sent by the client. Lists are therefore read from the right, one element at a time: nothing that a client wrote, an unbalanced quote
// included, changes how the elements to the right of it are read.

import { isIP } from 'node:net';
import { ipv4Of } from '../limits/peer-key.ts';

/** The field that carries the addresses. */
export type ForwardedField = 'x-forwarded-for' | 'forwarded';

/** An address as a proxy writes it. */
export interface ForwardedNode {
  /** An IP address without brackets, lower case; IPv4 inside of IPv6 is written as IPv4. */
  readonly host: string;
  /** 0 where none is given. */
  readonly port: number;
}

/** One element of a list. */
export interface ForwardedElement {
  /** Null for `unknown`, an obfuscated identifier (RFC 7239 section 6.3), and whatever else is no IP address. */
  readonly node: ForwardedNode | null;
  /** `proto` of a `Forwarded` element, lower case; null without one, and in `X-Forwarded-For`. */
  readonly proto: string | null;
}

/** Longer elements are not read: an address with its parameters is much shorter. */
const maxElementLength = 512;

/** Reads the elements of a field's value from the right. At most `maxElements` are given. */
export function* elementsFromRight(field: ForwardedField, value: string, maxElements: number): Generator<ForwardedElement, void, undefined> {
  const isQuoting = field === 'forwarded';
  let end = value.length;
  for (let count = 0; count < maxElements && end >= 0; count++) {
    const comma = commaBefore(value, end, isQuoting);
    // RFC 9110 section 5.6.1: empty elements of a list do not count.
    if (comma === null) yield { node: null, proto: null };
    else {
      const text = value.slice(comma + 1, end).trim();
      if (text !== '') yield isQuoting ? readElement(text) : { node: parseNode(text), proto: null };
    }
    if (comma === null) return;
    end = comma;
  }
}

/** The last element of a list of words, lower case: `https` of `http, https`. Null for an empty one. */
export function lastWord(value: string): string | null {
  const word = value.slice(value.lastIndexOf(',') + 1).trim().toLowerCase();
  return word === '' ? null : word;
}

/** Where the element that ends at `end` begins: at its comma, or -1. Null where the element is too long to be one. */
function commaBefore(value: string, end: number, isQuoting: boolean): number | null {
  let quoted = false;
  const stop = Math.max(0, end - maxElementLength);
  for (let at = end - 1; at >= stop; at--) {
    const character = value[at];
    if (isQuoting && character === '"' && !isEscaped(value, at, stop)) quoted = !quoted;
    else if (character === ',' && !quoted) return at;
  }
  return stop === 0 && !quoted ? -1 : null;
}

function isEscaped(value: string, at: number, stop: number): boolean {
  let first = at;
  while (first > stop && value[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

/** RFC 7239 section 4: `name=value` pairs with semicolons between them. Values outside of quotes may have colons and brackets. */
const pair = /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))[ \t]*(?:;|$)/y;
const nothing: ForwardedElement = { node: null, proto: null };

function readElement(text: string): ForwardedElement {
  let node: ForwardedNode | null = null;
  let proto: string | null = null;
  const seen = new Set<string>();
  for (pair.lastIndex = 0; pair.lastIndex < text.length; ) {
    const match = pair.exec(text);
    if (match === null) return nothing;
    const name = match[1]!.toLowerCase();
    // "Each parameter MUST NOT occur more than once per forwarded-element."
    if (seen.has(name)) return nothing;
    seen.add(name);
    const value = match[3] ?? match[2]!.replace(/\\(.)/g, '$1');
    if (name === 'for') node = parseNode(value);
    else if (name === 'proto') proto = value.toLowerCase();
  }
  return { node, proto };
}

const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}|_[\w.-]+))?$/;
const withPort = /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}|_[\w.-]+))?$/;

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711` (RFC 7239 section 6); null for anything else. */
export function parseNode(text: string): ForwardedNode | null {
  const match = bracketed.exec(text) ?? withPort.exec(text);
  const host = match === null ? text : match[1]!;
  const family = isIP(host);
  if (family === 0 || host.includes('%') || (text.startsWith('[') && family !== 6)) return null;
  const port = Number(match?.[2] ?? 0);
  return { host: ipv4Of(host) ?? host.toLowerCase(), port: port >= 0 && port <= 65_535 ? port : 0 };
}
