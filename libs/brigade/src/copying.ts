// Taking bytes out of memory that somebody else owns.

/**
 * A copy of `bytes[start, end)` in new memory of exactly that size, always a plain Uint8Array.
 *
 * Use it to keep bytes that were lent. `bytes.slice(start, end)` does not do: of a Node Buffer, which transports lend, it is a view of
 * the same memory, and changes when the lender reuses its buffer.
 */
export function copyBytes(bytes: Uint8Array, start = 0, end: number = bytes.length): Uint8Array {
  return new Uint8Array(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
}
