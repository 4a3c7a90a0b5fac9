// Short spans are the rule, and for those making a view costs more than copying.

/** Below this a loop beats making the view that `set` needs. */
const smallBytes = 128;

/** Copies `from[start, end)` to `into` at `at`. */
export function copyInto(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  if (end - start > smallBytes) {
    into.set(start === 0 && end === from.length ? from : from.subarray(start, end), at);
    return;
  }
  for (let source = start, target = at; source < end; source++, target++) into[target] = from[source];
}
