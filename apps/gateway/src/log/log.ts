// The gateway's own log: JSON lines with a level and a message, on the writer that the access log uses too.

import type { LineWriter } from './line-writer.ts';

const levels = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof levels)[number];

type Details = Readonly<Record<string, string | number | boolean>>;

export class Log {
  readonly #writer: LineWriter;
  #least: number;

  constructor(writer: LineWriter, least: LogLevel) {
    this.#writer = writer;
    this.#least = levels.indexOf(least);
  }

  /** Another least level, from now on. */
  setLevel(least: LogLevel): void {
    this.#least = levels.indexOf(least);
  }

  debug(message: string, details?: Details): void {
    this.#write('debug', message, details);
  }

  info(message: string, details?: Details): void {
    this.#write('info', message, details);
  }

  warn(message: string, details?: Details): void {
    this.#write('warn', message, details);
  }

  error(message: string, details?: Details): void {
    this.#write('error', message, details);
  }

  #write(level: LogLevel, message: string, details: Details = {}): void {
    if (levels.indexOf(level) < this.#least) return;
    this.#writer.write({ time: new Date().toISOString(), log: level, message, ...details });
  }
}
