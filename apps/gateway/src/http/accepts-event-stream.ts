// Whether a request asks for Server-Sent Events, by its Accept field (RFC 9110 section 12.5.1).

/** Whether the client names event streams, as EventSource does; a wildcard is not enough. */
export function acceptsEventStream(accept: string | null): boolean {
  return accept !== null && /(?:^|,)\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i.test(accept);
}
