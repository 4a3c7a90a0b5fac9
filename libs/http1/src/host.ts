// Host and authority, byte by byte: uri-host [ ":" port ] (RFC 9110 7.2, RFC 3986 3.2.2). No user information.

import { hexValue, ipLiteral, registeredName } from './characters.ts';

const PERCENT = 37;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;

/**
 * Whether `text[start, end)` is a host with an optional port up to 65535. `needed` says that a host has to be there;
 * a Host field may be empty. `portNeeded` is for CONNECT, whose target always has one.
 */
export function isAuthority(text: Uint8Array, start: number, end: number, needed: boolean, portNeeded: boolean): boolean {
  let at = start;
  if (at < end && text[at] === OPEN) {
    at++;
    const first = at;
    while (at < end && ipLiteral[text[at]] === 1) at++;
    if (at === first || at === end || text[at] !== CLOSE) return false;
    at++;
  } else {
    while (at < end && text[at] !== COLON) {
      if (text[at] === PERCENT) {
        if (at + 2 >= end || hexValue[text[at + 1]] < 0 || hexValue[text[at + 2]] < 0) return false;
        at += 3;
      } else if (registeredName[text[at]] === 1) {
        at++;
      } else {
        return false;
      }
    }
    if (at === start && (needed || at < end)) return false;
  }
  return at === end ? !portNeeded : isPort(text, at, end, portNeeded);
}

function isPort(text: Uint8Array, start: number, end: number, needed: boolean): boolean {
  if (text[start] !== COLON) return false;
  let port = 0;
  for (let at = start + 1; at < end; at++) {
    const digit = text[at] - 48;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > 65_535) return false;
  }
  return !needed || start + 1 < end;
}
