// The command protocol on the wire: requests as a client writes them, and a reading of what the server sends that lets nothing
// pass that the protocol does not have. Bytes are latin1, one character each.

/** A request, with a Size where it has a body. */
export function request(line: string, sequence: string | number, body = '', ...headers: readonly string[]): string {
  const size = body === '' ? [] : [`Size: ${body.length}`];
  return `${[line, `Sequence: ${sequence}`, ...headers, ...size].join('\r\n')}\r\n\r\n${body}`;
}

export function ok(sequence: string | number, body = ''): string {
  return `OK\r\nSequence: ${sequence}\r\nSize: ${body.length}\r\n\r\n${body}`;
}

export function err(sequence: string | number, text: string): string {
  return `ERR: ${text}\r\nSequence: ${sequence}\r\nSize: 0\r\n\r\n`;
}

export interface WireMessage {
  /** `OK`, `ERR: …`, `MSG …`, `GAP …` or `BYE: …`. */
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface WireMessages {
  readonly messages: readonly WireMessage[];
  /** What has come of a message that is not complete. */
  readonly rest: string;
}

/** Reads messages behind the greeting. @throws Error at the first byte that is none of a message's */
export function readMessages(text: string): WireMessages {
  const messages: WireMessage[] = [];
  for (let at = 0; ; ) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return { messages, rest: text.slice(at) };
    const [line, ...fields] = text.slice(at, headEnd).split('\r\n') as [string, ...string[]];
    if (!/^(?:OK|(?:ERR|BYE): [^\r\n]+|(?:MSG|GAP) [^ \r\n]+)$/.test(line)) throw new Error(`not the start of a message: ${JSON.stringify(line.slice(0, 80))}`);
    const headers = new Map<string, string>();
    for (const field of fields) {
      const [, name, value] = /^([A-Z][A-Za-z-]*): ([^\r\n]*)$/.exec(field) ?? [];
      if (name === undefined || headers.has(name)) throw new Error(`not a header, or twice: ${JSON.stringify(field)}`);
      headers.set(name, value!);
    }
    const size = headers.get('Size') ?? '';
    if (!/^\d+$/.test(size)) throw new Error(`no Size in ${JSON.stringify(text.slice(at, headEnd))}`);
    const start = headEnd + 4;
    if (text.length < start + Number(size)) return { messages, rest: text.slice(at) };
    at = start + Number(size);
    messages.push({ line, headers, body: text.slice(start, at) });
  }
}

/** Exactly whole messages. */
export function wholeMessages(text: string): readonly WireMessage[] {
  const { messages, rest } = readMessages(text);
  if (rest !== '') throw new Error(`a message that does not end: ${JSON.stringify(rest.slice(0, 200))}`);
  return messages;
}
