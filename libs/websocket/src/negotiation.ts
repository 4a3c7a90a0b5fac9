// Agreeing on permessage-deflate (RFC 7692, sections 5 and 7.1): the server chooses among a client's offers, the client checks the answer.
// An offer the server cannot read or cannot keep is declined and the next one is looked at; an answer the client cannot keep fails.

import type { DeflateParameters } from './deflate.ts';
import { parseExtensions, type Extension } from './headerGrammar.ts';

const extensionName = 'permessage-deflate';

/** What one side wants of the extension. Every field left out means: no wish. */
export interface DeflatePolicy {
  /** Ask for, or insist on, a server that begins every message with an empty window. */
  readonly serverNoContextTakeover?: boolean;
  /** Ask for, or promise, a client that begins every message with an empty window. */
  readonly clientNoContextTakeover?: boolean;
  /** The largest window (8–15) for the server to compress with. */
  readonly serverMaxWindowBits?: number;
  /** The largest window (8–15) for the client to compress with. A server that sets it declines clients that cannot be told. */
  readonly clientMaxWindowBits?: number;
  /** The smallest window our own deflater can keep to. Default 9, as zlib. */
  readonly minWindowBits?: number;
}

interface ReadParameters {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number | null;
  /** `null`: not there; 0: there without a value. */
  clientMaxWindowBits: number | null;
}

const windowBits = /^(?:8|9|1[0-5])$/;

/** Reads the parameters of an offer or of an answer; `null` if one is unknown, repeated or has a value it may not have (7.1). */
function readParameters(extension: Extension, isOffer: boolean): ReadParameters | null {
  const read: ReadParameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: null,
    clientMaxWindowBits: null,
  };
  const seen = new Set<string>();
  for (const { name, value } of extension.parameters) {
    if (seen.has(name)) return null;
    seen.add(name);
    if (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') {
      if (value !== null) return null;
      if (name === 'server_no_context_takeover') read.serverNoContextTakeover = true;
      else read.clientNoContextTakeover = true;
    } else if (name === 'server_max_window_bits') {
      if (value === null || !windowBits.test(value)) return null;
      read.serverMaxWindowBits = Number(value);
    } else if (name === 'client_max_window_bits') {
      if (value === null ? !isOffer : !windowBits.test(value)) return null;
      read.clientMaxWindowBits = value === null ? 0 : Number(value);
    } else {
      return null;
    }
  }
  return read;
}

export interface AgreedDeflate {
  readonly parameters: DeflateParameters;
  /** The element for the response's Sec-WebSocket-Extensions. */
  readonly field: string;
}

/** Takes the first of the offers that can be kept. `null`: none, or none was made; the connection goes without. */
export function chooseDeflate(offers: readonly Extension[], policy: DeflatePolicy): AgreedDeflate | null {
  for (const offer of offers) {
    const agreed = offer.name === extensionName ? answerOffer(offer, policy) : null;
    if (agreed !== null) return agreed;
  }
  return null;
}

function answerOffer(offer: Extension, policy: DeflatePolicy): AgreedDeflate | null {
  const wish = readParameters(offer, true);
  if (wish === null) return null;
  const serverMaxWindowBits = Math.min(wish.serverMaxWindowBits ?? 15, policy.serverMaxWindowBits ?? 15);
  if (serverMaxWindowBits < (policy.minWindowBits ?? 9)) return null;
  const clientWanted = policy.clientMaxWindowBits ?? 15;
  if (clientWanted < 15 && wish.clientMaxWindowBits === null) return null;
  const clientMaxWindowBits = Math.min(wish.clientMaxWindowBits || 15, clientWanted);
  const parameters: DeflateParameters = {
    serverNoContextTakeover: wish.serverNoContextTakeover || policy.serverNoContextTakeover === true,
    clientNoContextTakeover: wish.clientNoContextTakeover || policy.clientNoContextTakeover === true,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
  let field = extensionName;
  if (parameters.serverNoContextTakeover) field += '; server_no_context_takeover';
  if (parameters.clientNoContextTakeover) field += '; client_no_context_takeover';
  if (wish.serverMaxWindowBits !== null || serverMaxWindowBits < 15) field += `; server_max_window_bits=${serverMaxWindowBits}`;
  if (wish.clientMaxWindowBits !== null && clientMaxWindowBits < 15) field += `; client_max_window_bits=${clientMaxWindowBits}`;
  return { parameters, field };
}

/** The offer a client makes. It always says that it can be told a window for its own side. */
export function offerDeflate(policy: DeflatePolicy): string {
  let field = extensionName;
  if (policy.serverNoContextTakeover === true) field += '; server_no_context_takeover';
  if (policy.clientNoContextTakeover === true) field += '; client_no_context_takeover';
  if (policy.serverMaxWindowBits !== undefined) field += `; server_max_window_bits=${policy.serverMaxWindowBits}`;
  field += '; client_max_window_bits';
  if (policy.clientMaxWindowBits !== undefined) field += `=${policy.clientMaxWindowBits}`;
  return field;
}

/**
 * Reads a server's answer to `offerDeflate(policy)`: `null` is "no compression", `invalid` an answer that was not offered or cannot be
 * kept, after which the client must fail the connection (RFC 7692, section 5.1; RFC 6455, section 4.1).
 */
export function checkDeflateAnswer(field: string | undefined, policy: DeflatePolicy | null): DeflateParameters | null | 'invalid' {
  if (field === undefined) return null;
  const answers = parseExtensions(field);
  if (answers === null || answers.length !== 1 || answers[0].name !== extensionName || policy === null) return 'invalid';
  const answer = readParameters(answers[0], false);
  if (answer === null) return 'invalid';
  if (policy.serverNoContextTakeover === true && !answer.serverNoContextTakeover) return 'invalid';
  const serverMaxWindowBits = answer.serverMaxWindowBits ?? 15;
  if (serverMaxWindowBits > (policy.serverMaxWindowBits ?? 15)) return 'invalid';
  const clientOffered = policy.clientMaxWindowBits ?? 15;
  const clientMaxWindowBits = answer.clientMaxWindowBits ?? clientOffered;
  if (clientMaxWindowBits > clientOffered || clientMaxWindowBits < (policy.minWindowBits ?? 9)) return 'invalid';
  return {
    serverNoContextTakeover: answer.serverNoContextTakeover,
    clientNoContextTakeover: answer.clientNoContextTakeover || policy.clientNoContextTakeover === true,
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}
