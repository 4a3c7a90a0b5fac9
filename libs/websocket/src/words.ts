// Views of whole words over the memory of a byte array, for loops that look at four or eight bytes at a time.
//
// A view costs more to make than a short frame costs to unmask, but receive buffers are few and used again and again. So the last views
// made are kept, and found by the array itself, which is one comparison, or else by the memory under it. Short payloads use
// a view only where there is one, or where the same array is met a second time.
//
// Both kinds of word are counted from the start of the memory: byte `i` of `bytes` is in 32-bit word `(bytes.byteOffset + i) >>> 2` and
// in 64-bit word `(bytes.byteOffset + i) >>> 3`. A rest at the end of the memory is in no word.

class KeptViews {
  bytes: Uint8Array = new Uint8Array(0);
  words: Int32Array = new Int32Array(this.bytes.buffer);
  longWords: BigInt64Array = new BigInt64Array(this.bytes.buffer);
}

// Two, because a client reads from one memory and masks in another.
let latest = new KeptViews();
let other = new KeptViews();
let metBefore: Uint8Array = latest.bytes;

/** The memory under `bytes` as 32-bit words. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes !== latest.bytes) turnTo(bytes);
  return latest.words;
}

/** The memory under `bytes` as 64-bit words, which V8 reads and writes without making BigInts of them as long as none is kept. */
export function longWordsOf(bytes: Uint8Array): BigInt64Array {
  if (bytes !== latest.bytes) turnTo(bytes);
  return latest.longWords;
}

/** Whether `wordsOf` would find its view made, or `bytes` has been asked about before and a view is likely to pay. */
export function hasWordsOf(bytes: Uint8Array): boolean {
  if (bytes === latest.bytes || bytes === other.bytes || bytes === metBefore) return true;
  metBefore = bytes;
  return false;
}

function turnTo(bytes: Uint8Array): void {
  const kept = other;
  if (bytes !== kept.bytes) {
    const memory = bytes.buffer;
    if (memory === latest.words.buffer) {
      latest.bytes = bytes;
      return;
    }
    if (memory !== kept.words.buffer) {
      kept.words = new Int32Array(memory, 0, memory.byteLength >>> 2);
      kept.longWords = new BigInt64Array(memory, 0, memory.byteLength >>> 3);
    }
    kept.bytes = bytes;
  }
  other = latest;
  latest = kept;
}

/** Whether the first byte of a word in memory is its lowest. */
export const littleEndian = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;
