// Upgrades that a node:http or node:https server has met, handed to the gateway: `server.on('upgrade', (request, socket, head) => …)`.
//
// Node has read the request's head from the socket already, so its bytes are made again, from `rawHeaders`: the same method, target,
// version, and fields in their order, spelling and number. They are read first, then `head`, then the socket. So the gateway's own engine
// parses the request, and routing, tokens, origins and limits are what they are for any other.
//
// What could be read in two ways is not passed on, and its socket is closed: a request that is not one line per field, in the characters that
// HTTP has for each part (RFC 9112 sections 3 and 5), and one with a body, of which Node may or may not have read something already.

import type { Duplex } from 'node:stream';
import { TransportError, type Adopter, type Endpoint } from '@sluice/transport';

/** What is used of Node's `http.IncomingMessage`. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[];
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const target = /^[\u0021-\u007e\u0080-\u00ff]+$/;
const version = /^1\.[01]$/;
const fieldValue = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/**
 * Takes the socket over. It is closed when that fails.
 * @throws TransportError of operation `adopt`
 */
export function adoptUpgrade(adopter: Adopter<Duplex>, request: UpgradeRequest, socket: Duplex, head: Uint8Array): Endpoint {
  let read: Uint8Array;
  try {
    read = Buffer.concat([Buffer.from(requestHead(request), 'latin1'), head]);
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
  return adopter.adopt(socket, read);
}

/**
 * The head of a request as it came, in Latin-1; white space around a field's value aside, which means nothing.
 * @throws TransportError of operation `adopt` for what is not a head that could have come
 */
export function requestHead({ method = '', url = '', httpVersion, rawHeaders }: UpgradeRequest): string {
  check(method, token, 'method');
  check(url, target, 'target');
  check(httpVersion, version, 'version');
  if (rawHeaders.length % 2 !== 0) throw unsound('fields');
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    check(name, token, 'field name');
    check(value, fieldValue, 'field value');
    if (announcesBody(name, value)) throw new TransportError('adopt', 'protocolError', 'protocolError', 'an upgrade with a body');
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

/** RFC 9112 section 6. */
function announcesBody(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'transfer-encoding' || (lower === 'content-length' && value.trim() !== '0');
}

function check(text: string, form: RegExp, what: string): void {
  if (!form.test(text)) throw unsound(what);
}

function unsound(what: string): TransportError {
  return new TransportError('adopt', 'protocolError', 'protocolError', `the request has no sound ${what}`);
}
