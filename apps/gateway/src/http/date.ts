// The Date field (RFC 9110 §6.6.1), made once a second.

import { formatHttpDate } from './http-date.ts';

export class HttpDate {
  readonly #wallClock: () => number;
  #second = -1;
  #text = '';
  /** The current date, for the engine. */
  readonly now = (): string => this.#read();

  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
  }

  #read(): string {
    const second = Math.floor(this.#wallClock() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = formatHttpDate(second);
    }
    return this.#text;
  }
}
