// A view of 32-bit words over the memory of a byte array, for loops that look at four bytes at a time.
//
// Receive buffers are few and used again and again, and a view costs more to make than a short frame costs to unmask, so the last
// one made is kept. It is found by the array itself, which is one comparison, or else by the memory under it.

let lastBytes: Uint8Array = new Uint8Array(0);
let lastWords: Int32Array = new Int32Array(lastBytes.buffer);

/**
 * The words of the whole buffer under `bytes`, from the buffer's own start: byte `i` of `bytes` is in word
 * `(bytes.byteOffset + i) >>> 2`. A rest of less than four bytes at the buffer's end is in no word.
 */
export function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes === lastBytes) return lastWords;
  const memory = bytes.buffer;
  if (memory !== lastWords.buffer) lastWords = new Int32Array(memory, 0, memory.byteLength >>> 2);
  lastBytes = bytes;
  return lastWords;
}

/** Whether a call of `wordsOf` would find its view made already. */
export function hasWordsOf(bytes: Uint8Array): boolean {
  return bytes === lastBytes;
}

/** Whether the first byte of a word in memory is its lowest. */
export const littleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
