// Views of whole words over the memory of a byte array, for loops that look at four or eight bytes at a time.
//
// A view costs more to make than a short frame costs to unmask, but receive buffers are few and used again and again. So the last views
// made are kept, and found by the array itself, which is one comparison, or else by the memory under it. Short payloads use
// a view only where there is one, or where the same array is met a second time.
//
// Both kinds of word are counted from the start of the memory: byte `i` of `bytes` is in 32-bit word `(bytes.byteOffset + i) >>> 2` and
// in 64-bit word `(bytes.byteOffset + i) >>> 3`. A rest at the end of the memory is in no word.

let lastBytes: Uint8Array = new Uint8Array(0);
let lastWords: Int32Array = new Int32Array(lastBytes.buffer);
let lastLongWords: BigInt64Array = new BigInt64Array(lastBytes.buffer);
let metBefore: Uint8Array = lastBytes;

/** The memory under `bytes` as 32-bit words. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes !== lastBytes) makeViews(bytes);
  return lastWords;
}

/** The memory under `bytes` as 64-bit words, which V8 reads and writes without making BigInts of them as long as none is kept. */
export function longWordsOf(bytes: Uint8Array): BigInt64Array {
  if (bytes !== lastBytes) makeViews(bytes);
  return lastLongWords;
}

/** Whether `wordsOf` would find its view made, or `bytes` has been asked about before and a view is likely to pay. */
export function hasWordsOf(bytes: Uint8Array): boolean {
  if (bytes === lastBytes || bytes === metBefore) return true;
  metBefore = bytes;
  return false;
}

function makeViews(bytes: Uint8Array): void {
  const memory = bytes.buffer;
  if (memory !== lastWords.buffer) {
    lastWords = new Int32Array(memory, 0, memory.byteLength >>> 2);
    lastLongWords = new BigInt64Array(memory, 0, memory.byteLength >>> 3);
  }
  lastBytes = bytes;
}

/** Whether the first byte of a word in memory is its lowest. */
export const littleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
