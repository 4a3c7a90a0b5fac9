// Progress on a terminal: one line on standard error, drawn anew every second, with totals and the rates of the last second. It steps aside
// for whatever else is printed.

export interface ProgressFacts {
  readonly messages: number;
  readonly bytes: number;
  readonly reconnects: number;
  /** `connected`, `waiting`, …: the connector's state. */
  readonly state: string;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `999 B`, `1.2 MB`: powers of 1000. */
export function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export class Progress {
  readonly #write: (text: string) => void;
  readonly #verb: string;
  #facts: ProgressFacts = { messages: 0, bytes: 0, reconnects: 0, state: '' };
  #drawn = false;

  /** `verb`: what happened to the messages, `sent` or `received`. */
  constructor(verb: string, write: (text: string) => void) {
    this.#verb = verb;
    this.#write = write;
  }

  /** To be called once a second. */
  tick(facts: ProgressFacts, elapsedMs: number): void {
    const before = this.#facts;
    this.#facts = facts;
    const share = elapsedMs > 0 ? 1000 / elapsedMs : 0;
    const rate = Math.round((facts.messages - before.messages) * share);
    const byteRate = Math.round((facts.bytes - before.bytes) * share);
    const reconnects = facts.reconnects === 0 ? '' : `  ${facts.reconnects} ${facts.reconnects === 1 ? 'reconnect' : 'reconnects'}`;
    this.#drawn = true;
    this.#write(`\r\u001b[K${facts.messages} ${this.#verb}  ${rate}/s  ${byteText(byteRate)}/s${reconnects}  ${facts.state}`);
  }

  /** Takes the line away, for something else to be printed. */
  clear(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    this.#write('\r\u001b[K');
  }
}
