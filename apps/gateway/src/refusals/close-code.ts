// Close codes of WebSockets that say why the gateway refuses something: 4000 plus the HTTP status of the same meaning, from the range
// for private use (RFC 6455 section 7.4.2). 1008 would be the same for all of them, and a client could not tell whether to come back.
//
// A reason text may say when: `retry-after-ms=1200` is a word of its own in it.

/** The longest reason in bytes: a control frame's 125 less the two of the code (RFC 6455 section 5.5). */
const maxReasonBytes = 123;

/** 4401 for 401, 4429 for 429, … */
export function closeCodeOf(status: number): number {
  return 4000 + status;
}

/** Cut to what a close frame holds, at the end of a character. `retryAfterMs` 0: nothing is said about coming back. */
export function closeReason(detail: string, retryAfterMs = 0): string {
  const hint = retryAfterMs > 0 ? ` retry-after-ms=${Math.ceil(retryAfterMs)}` : '';
  const room = maxReasonBytes - hint.length;
  return cutTo(detail, room) + hint;
}

function cutTo(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // Bytes 10xxxxxx go on with a character.
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
