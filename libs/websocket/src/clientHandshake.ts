// The client's side of the opening handshake (RFC 6455, section 4.1): the fields of the request, and the checks on the response.

import { encodeBase64 } from './base64.ts';
import type { DeflateParameters } from './deflate.ts';
import { UsageError } from './failure.ts';
import { acceptKey, type HeaderLookup, type HeaderPair, type Sha1 } from './handshake.ts';
import { isToken, listHasToken } from './headerGrammar.ts';
import { checkDeflateAnswer, offerDeflate, type DeflatePolicy } from './negotiation.ts';

export interface ClientHandshakeOptions {
  readonly sha1: Sha1;
  /** 16 random bytes, new for every connection. */
  readonly nonce: Uint8Array;
  /** Sub-protocols to offer, the preferred one first. */
  readonly protocols?: readonly string[];
  /** Offer permessage-deflate. */
  readonly deflate?: DeflatePolicy | null;
  /** Origin to name, if any. */
  readonly origin?: string;
}

export interface UpgradeResponse {
  readonly status: number;
  readonly header: HeaderLookup;
}

export type ResponseErrorCode =
  | 'notUpgraded'
  | 'upgradeMissing'
  | 'connectionUpgradeMissing'
  | 'acceptWrong'
  | 'extensionsInvalid'
  | 'protocolNotOffered';

export type ClientHandshakeResult =
  | { readonly accepted: true; readonly protocol: string | null; readonly deflate: DeflateParameters | null }
  | {
      readonly accepted: false;
      readonly fault: 'peer';
      readonly code: ResponseErrorCode;
      readonly reason: string;
      readonly section: string;
    };

export class ClientHandshake {
  /** What the request carries beside its own `Host`. The method is GET, the version HTTP/1.1. */
  readonly headers: readonly HeaderPair[];
  readonly #options: ClientHandshakeOptions;
  readonly #key: string;

  /** @throws UsageError a nonce that is not 16 bytes, or sub-protocols that are no tokens or repeat */
  constructor(options: ClientHandshakeOptions) {
    const { nonce, protocols = [], deflate, origin } = options;
    if (nonce.length !== 16) throw new UsageError('optionInvalid', `the nonce has 16 bytes, not ${nonce.length}`);
    if (!protocols.every(isToken)) throw new UsageError('optionInvalid', 'a sub-protocol is a token');
    if (new Set(protocols).size !== protocols.length) throw new UsageError('optionInvalid', 'a sub-protocol is offered twice');
    this.#options = options;
    this.#key = encodeBase64(nonce);
    const headers: HeaderPair[] = [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Key', this.#key],
      ['Sec-WebSocket-Version', '13'],
    ];
    if (origin !== undefined) headers.push(['Origin', origin]);
    if (protocols.length > 0) headers.push(['Sec-WebSocket-Protocol', protocols.join(', ')]);
    if (deflate) headers.push(['Sec-WebSocket-Extensions', offerDeflate(deflate)]);
    this.headers = headers;
  }

  /** Whether the response opens the connection, and what was agreed on. */
  check(response: UpgradeResponse): ClientHandshakeResult {
    const { status, header } = response;
    const { sha1, protocols = [], deflate } = this.#options;
    if (status !== 101) return refuse('notUpgraded', `the server answered ${status}`);
    if (header('upgrade')?.toLowerCase() !== 'websocket') return refuse('upgradeMissing', 'the Upgrade field does not say websocket');
    if (!listHasToken(header('connection'), 'upgrade')) {
      return refuse('connectionUpgradeMissing', 'the Connection field does not say Upgrade');
    }
    if (header('sec-websocket-accept') !== acceptKey(this.#key, sha1)) {
      return refuse('acceptWrong', 'Sec-WebSocket-Accept does not belong to the key sent');
    }
    const agreed = checkDeflateAnswer(header('sec-websocket-extensions'), deflate ?? null);
    if (agreed === 'invalid') return refuse('extensionsInvalid', 'the server agreed to an extension that was not offered');
    const protocol = header('sec-websocket-protocol') ?? null;
    if (protocol !== null && !protocols.includes(protocol)) {
      return refuse('protocolNotOffered', 'the server chose a sub-protocol that was not offered');
    }
    return { accepted: true, protocol, deflate: agreed };
  }
}

function refuse(code: ResponseErrorCode, reason: string): ClientHandshakeResult {
  return { accepted: false, fault: 'peer', code, reason, section: 'RFC 6455, section 4.1' };
}
