// Copying between byte arrays without making anything. The built-in `set` needs a new view for part of an array, which costs as much as
// copying some hundred bytes; short copies go by 64-bit words through views that are kept, one of the array read from and one of the
// array written to, made when an array is met the second time in a row.

const nothing = new Uint8Array(0);

class KeptView {
  bytes: Uint8Array = nothing;
  view: DataView = new DataView(nothing.buffer);
  #metBefore: Uint8Array = nothing;

  /** Makes `view` the view of `bytes` if they were met before. */
  turnTo(bytes: Uint8Array): boolean {
    if (bytes !== this.#metBefore) {
      this.#metBefore = bytes;
      return false;
    }
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    return true;
  }
}

const source = new KeptView();
const target = new KeptView();

/** Up to here single bytes are as quick as anything. */
const fewBytes = 16;
/** From here on `set` is quicker. */
const manyBytes = 128;

/** Copies `from[start, end)` to `into[at]` and on. The two spans must not overlap. */
export function copyInto(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  const length = end - start;
  if (length <= fewBytes) {
    for (let index = 0; index < length; index++) into[at + index] = from[start + index];
  } else if (length <= manyBytes && (from === source.bytes || source.turnTo(from)) && (into === target.bytes || target.turnTo(into))) {
    copyWords(source.view, start, end, target.view, at);
  } else {
    into.set(from.subarray(start, end), at);
  }
}

/** At least eight bytes. The last word may overlap the one before it, which saves copying a rest by bytes. */
function copyWords(from: DataView, start: number, end: number, into: DataView, at: number): void {
  const last = end - 8;
  let to = at;
  for (let index = start; index < last; index += 8) {
    into.setBigInt64(to, from.getBigInt64(index));
    to += 8;
  }
  into.setBigInt64(at + (last - start), from.getBigInt64(last));
}
