// The address that somebody means who writes it as other servers take it: `8080`, `:8080`, `*:8080`, `http://127.0.0.1:8080`. The gateway
// does not guess: it takes HOST:PORT alone, and its message has the exact value to write.

import { isIP } from 'node:net';
import { addressPattern } from './addresses.ts';

/** What to suggest where the value says nothing. */
const example = '127.0.0.1:8080';
const examplePort = 8080;
const largestPort = 65_535;
/** Names that other servers have for where they listen. */
const listenNames = new Set(['port', 'p', 'listen', 'l', 'bind', 'host', 'hostname', 'address', 'addr']);

/** The address in the gateway's form; null where that cannot be told, or where it has that form already. */
export function addressMeant(text: string): string | null {
  const meant = inOurForm(text.trim().replace(/^https?:\/\//i, '').replace(/\/$/, ''));
  return meant !== text && addressPattern.test(meant) ? meant : null;
}

/** What is wrong with the port of an address that is right but for it; null where nothing is. */
export function portProblem(text: string): string | null {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  return Number(port) > largestPort && addressPattern.test(`${host}:0`) ? `the port is above ${largestPort}` : null;
}

function inOurForm(text: string): string {
  if (/^:?\d+$/.test(text)) return `127.0.0.1:${text.replace(':', '')}`;
  if (text.startsWith('*:')) return `0.0.0.0${text.slice(1)}`;
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  // `::1:80` is an address of its own, too; but hardly anybody has one that ends so.
  return isIP(host) === 6 ? `[${host}]:${port}` : text;
}

/**
 * For an unknown setting: the address that its name and value stand for in other servers, and an example of one where the value says
 * nothing. Null where the name has nothing to do with listening.
 */
export function listenMeant(name: string, value: string | undefined): string | null {
  if (!listenNames.has(name)) return null;
  if (value === undefined) return example;
  const host = isIP(value) === 6 ? `[${value}]` : value;
  return [value, addressMeant(value) ?? '', `${host}:${examplePort}`].find((address) => addressPattern.test(address)) ?? example;
}
