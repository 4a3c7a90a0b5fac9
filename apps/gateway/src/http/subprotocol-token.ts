// A token among the sub-protocols that a WebSocket client offers. A browser's WebSocket cannot set header fields, but it can offer
// sub-protocols, and those stand in no URL and so in no proxy's log:
//
//     new WebSocket(url, ['sluice.v1', 'sluice.bearer.' + base64url(token)])
//
// The entry is never selected, and nothing behind this file sees it.

const prefix = 'sluice.bearer.';

export interface OfferedProtocols {
  /** Null without an entry with a token. */
  readonly token: string | null;
  /** The field without such entries: empty when nothing else was offered. */
  readonly others: string;
}

/** Reads a Sec-WebSocket-Protocol field. The token is UTF-8 in base64url (RFC 4648 section 5) without padding. */
export function splitProtocols(field: string): OfferedProtocols {
  if (!field.includes(prefix)) return { token: null, others: field };
  let token: string | null = null;
  const others: string[] = [];
  for (const entry of field.split(',')) {
    const name = entry.trim();
    if (!name.startsWith(prefix)) others.push(entry);
    else token ??= Buffer.from(name.slice(prefix.length), 'base64url').toString('utf8');
  }
  return { token, others: others.join(',').trim() };
}
