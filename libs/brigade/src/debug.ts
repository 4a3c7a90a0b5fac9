// Debug mode: the caller turns it on, and the lib then checks its invariants after each change and poisons memory that
// nobody references any more, so that a use after release shows at once. Off, it costs one load and branch.

import { UsageError } from './errors.ts';

/** What released memory is filled with in debug mode. */
export const poison = 0xdb;

// A live binding, read by the other files of this lib: `debugging` is a plain variable there.
export let debugging = false;

/** Turns the checks on or off for the whole process. Buckets made before keep working. */
export function setDebug(on: boolean): void {
  debugging = on;
}

export function assert(condition: boolean, invariant: string): void {
  if (!condition) throw new UsageError(`invariant broken: ${invariant}`);
}
