// Where a subscriber stands, in a form that fits a `Last-Event-ID`.
//
// There are two kinds, told apart by the first letter of the epoch. A topic's position (`t…`) counts that topic's
// publications; the hub's position (`h…`) counts all publications, so that one of it serves any pattern.

import { HubError } from './errors.ts';

/** "I have everything up to and including `offset` of `epoch`." Offset 0 is "nothing yet". */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

const form = /^([th][0-9a-z]{1,32}):(0|[1-9][0-9]{0,15})$/;

/** `epoch:offset`, as in the `id:` of an event. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.offset}`;
}

/** The inverse; `null` when the text is no position. */
export function parsePosition(text: string): Position | null {
  const match = form.exec(text);
  if (match === null) return null;
  const offset = Number(match[2]);
  return Number.isSafeInteger(offset) ? { epoch: match[1], offset } : null;
}

/** Throws `positionInvalid` unless the offset is a whole number from 0 up. */
export function assertPosition(position: Position): void {
  if (!Number.isSafeInteger(position.offset) || position.offset < 0) {
    throw new HubError('positionInvalid', `an offset is a whole number from 0 up, not ${position.offset}`);
  }
}

/** An epoch of 64 bits, given as two words of 32. */
export function epochText(kind: 't' | 'h', first: number, second: number): string {
  const digits = (word: number): string => (word >>> 0).toString(36).padStart(7, '0');
  return `${kind}${digits(first)}${digits(second)}`;
}

/** 32 bits from a source of numbers in [0, 1). */
export function randomWord(random: () => number): number {
  return Math.floor(random() * 0x1_0000_0000);
}

/** Whether a position counts the whole hub's publications, not one topic's. */
export function isHubPosition(position: Position): boolean {
  return position.epoch.startsWith('h');
}
