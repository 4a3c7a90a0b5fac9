// Copying between byte arrays. The built-in `set` needs a view for a part of an array, which costs more than a short copy.

const viewBytes = 96;

/** Copies `from[start, end)` to `into[at]` and on. The two must not be the same memory. */
export function copyBytes(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  if (end - start > viewBytes) {
    into.set(from.subarray(start, end), at);
    return;
  }
  let to = at;
  for (let index = start; index < end; index++) into[to++] = from[index];
}
