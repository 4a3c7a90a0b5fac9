// Reads an event stream by the WHATWG's rules (HTML §9.2.6), piece by piece.

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last event id when the event was dispatched. */
  readonly id: string;
}

export class EventReader {
  retryMs: number | null = null;
  comments = 0;
  #text = '';
  #id = '';
  #type = '';
  #data: string[] = [];

  /** Takes more of the stream; answers the events it completed. */
  push(text: string): StreamEvent[] {
    this.#text += text;
    const events: StreamEvent[] = [];
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      if (line !== '') this.#field(line);
      else {
        if (this.#data.length > 0) events.push({ type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), id: this.#id });
        this.#type = '';
        this.#data = [];
      }
    }
    return events;
  }

  #field(line: string): void {
    if (line.includes('\r')) throw new Error(`CR in a line: ${JSON.stringify(line)}`);
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === '') this.comments++;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id') this.#id = value;
    else if (name === 'retry') this.retryMs = Number(value);
    else throw new Error(`a field that is not in the specification: ${line}`);
  }
}
