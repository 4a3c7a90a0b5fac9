// Memory as callers of a transport have it: Node Buffers, mostly, whose `slice()` is a view and no copy. This is one without Node.

/** Like a Node Buffer: `slice` returns a view of the same memory. Whoever keeps lent bytes by `slice` is found out when they change. */
export class LentBytes extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}
