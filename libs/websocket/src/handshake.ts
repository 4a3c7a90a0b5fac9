// The server's side of the opening handshake (RFC 6455, section 4.2): is this request an upgrade we take, and what is the answer.
// Nothing here knows how HTTP is parsed or written: headers come as a look-up and leave as pairs. The client's side is in
// clientHandshake.ts, the agreement on compression in negotiation.ts.

import { encodeBase64 } from './base64.ts';
import type { DeflateParameters } from './deflate.ts';
import { listHasToken, parseExtensions, parseTokenList } from './headerGrammar.ts';
import { chooseDeflate, type DeflatePolicy } from './negotiation.ts';
import { isOriginAllowed } from './origin.ts';

/** The value of a header field by its lower-case name; repeated fields joined by commas; `undefined` if there is none. */
export type HeaderLookup = (name: string) => string | undefined;
/** SHA-1 of some bytes, 20 bytes. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array;
export type HeaderPair = readonly [name: string, value: string];

export interface UpgradeRequest {
  readonly method: string;
  /** `1.1` */
  readonly httpVersion: string;
  readonly header: HeaderLookup;
}

export interface ServerHandshakeOptions {
  readonly sha1: Sha1;
  /** Sub-protocols the server speaks. The first one of the client's list that is here is chosen. */
  readonly protocols?: readonly string[];
  /** Refuse a client that offers none of `protocols`. Default false: it gets none. */
  readonly requireProtocol?: boolean;
  /** Origins that browsers may come from, as in origin.ts; left out, any. Requests without an Origin are not from browsers and pass. */
  readonly origins?: readonly string[];
  /** Take permessage-deflate where it is offered. */
  readonly deflate?: DeflatePolicy | null;
}

export type HandshakeErrorCode =
  | 'methodNotAllowed'
  | 'httpVersionTooOld'
  | 'upgradeMissing'
  | 'connectionUpgradeMissing'
  | 'versionUnsupported'
  | 'keyInvalid'
  | 'originForbidden'
  | 'protocolsInvalid'
  | 'protocolUnsupported'
  | 'extensionsInvalid';

export interface HandshakeAccepted {
  readonly accepted: true;
  readonly status: 101;
  /** What the 101 response carries, in order. */
  readonly headers: readonly HeaderPair[];
  readonly protocol: string | null;
  /** For the engine's `deflate.parameters`; `null` without compression. */
  readonly deflate: DeflateParameters | null;
}

export interface HandshakeRefused {
  readonly accepted: false;
  readonly fault: 'peer';
  readonly code: HandshakeErrorCode;
  readonly status: 400 | 403 | 405 | 426;
  /** What the refusal must carry, beside whatever body it has. */
  readonly headers: readonly HeaderPair[];
  readonly reason: string;
  readonly section: string;
}

const upgradeHeaders: readonly HeaderPair[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
];
const versionHeaders: readonly HeaderPair[] = [...upgradeHeaders, ['Sec-WebSocket-Version', '13']];

/** Base64 of 16 bytes. */
const keyForm = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The Sec-WebSocket-Accept that belongs to a Sec-WebSocket-Key (section 4.2.2, step 5.4). */
export function acceptKey(key: string, sha1: Sha1): string {
  const text = key + acceptGuid;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return encodeBase64(sha1(bytes));
}

/** Checks an upgrade request and makes up the answer. */
export function serverHandshake(request: UpgradeRequest, options: ServerHandshakeOptions): HandshakeAccepted | HandshakeRefused {
  const { method, httpVersion, header } = request;
  if (method !== 'GET') return refuse('methodNotAllowed', 405, 'a WebSocket begins with GET', '4.1', [['Allow', 'GET']]);
  if (!/^(?:1\.[1-9]|[2-9])/.test(httpVersion)) return refuse('httpVersionTooOld', 400, 'a WebSocket needs HTTP/1.1', '4.2.1');
  if (!listHasToken(header('upgrade'), 'websocket')) {
    return refuse('upgradeMissing', 426, 'the Upgrade field does not say websocket', '4.2.1', upgradeHeaders);
  }
  if (!listHasToken(header('connection'), 'upgrade')) {
    return refuse('connectionUpgradeMissing', 400, 'the Connection field does not say Upgrade', '4.2.1');
  }
  if (header('sec-websocket-version') !== '13') {
    return refuse('versionUnsupported', 426, 'only version 13 is spoken here', '4.4', versionHeaders);
  }
  const key = header('sec-websocket-key');
  if (key === undefined || !keyForm.test(key)) return refuse('keyInvalid', 400, 'Sec-WebSocket-Key is not base64 of 16 bytes', '4.2.1');

  const origin = header('origin');
  if (options.origins !== undefined && origin !== undefined && !isOriginAllowed(origin, options.origins)) {
    return refuse('originForbidden', 403, 'this origin is not allowed', '4.2.2');
  }
  const offered = header('sec-websocket-protocol');
  const wanted = offered === undefined ? [] : parseTokenList(offered);
  if (wanted === null || (offered !== undefined && wanted.length === 0)) {
    return refuse('protocolsInvalid', 400, 'Sec-WebSocket-Protocol is not a list of tokens', '4.2.1');
  }
  const protocol = wanted.find((name) => options.protocols?.includes(name)) ?? null;
  if (protocol === null && options.requireProtocol === true) {
    return refuse('protocolUnsupported', 400, 'none of the sub-protocols is spoken here', '4.2.2');
  }
  const extensions = header('sec-websocket-extensions');
  const offers = extensions === undefined ? [] : parseExtensions(extensions);
  if (offers === null) return refuse('extensionsInvalid', 400, 'Sec-WebSocket-Extensions does not follow its grammar', '9.1');
  const deflate = options.deflate ? chooseDeflate(offers, options.deflate) : null;

  const headers: HeaderPair[] = [...upgradeHeaders, ['Sec-WebSocket-Accept', acceptKey(key, options.sha1)]];
  if (protocol !== null) headers.push(['Sec-WebSocket-Protocol', protocol]);
  if (deflate !== null) headers.push(['Sec-WebSocket-Extensions', deflate.field]);
  return { accepted: true, status: 101, headers, protocol, deflate: deflate === null ? null : deflate.parameters };
}

function refuse(
  code: HandshakeErrorCode,
  status: HandshakeRefused['status'],
  reason: string,
  section: string,
  headers: readonly HeaderPair[] = [],
): HandshakeRefused {
  return { accepted: false, fault: 'peer', code, status, headers, reason, section: `RFC 6455, section ${section}` };
}
