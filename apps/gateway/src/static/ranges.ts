// Byte ranges (RFC 9110 §14). One satisfiable range is served as 206; a header that is not understood, or asks for several
// ranges, is ignored and the whole is served, as §14.2 allows; nothing satisfiable is 416.

export interface ByteRange {
  /** First byte and the byte behind the last. */
  readonly start: number;
  readonly end: number;
}

export type RangeAnswer = ByteRange | 'whole' | 'unsatisfiable';

const single = /^bytes[ \t]*=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i;

/** What a `Range` header comes to for a representation of `size` bytes. An end past it is clamped, a long suffix is the whole. */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  if (header === undefined) return 'whole';
  const match = single.exec(header);
  if (match === null) return 'whole';
  const [, first, last, suffix] = match;
  if (first === undefined) {
    const length = Math.min(Number(suffix), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'whole';
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
