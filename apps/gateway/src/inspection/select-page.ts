// One page of a sorted list, without sorting the list: a selection finds what belongs to the page (Hoare's quickselect, in linear time),
// and only that is sorted.

/** Negative when the item at the first index comes before the other. Of two different indexes neither is equal to the other. */
export type CompareAt = (one: number, other: number) => number;

/** The indexes (0 to `count` − 1) of the items `offset` to `offset + limit` in the order of `compare`. */
export function selectPage(count: number, compare: CompareAt, offset: number, limit: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const from = Math.min(offset, count);
  const to = Math.min(from + limit, count);
  if (from === to) return new Uint32Array(0);
  if (from > 0) select(order, compare, 0, count, from);
  if (to < count) select(order, compare, from, count, to);
  return order.subarray(from, to).sort(compare);
}

/** Rearranges `order[low, high)` so that whatever is before `place` comes before whatever is behind it. */
function select(order: Uint32Array, compare: CompareAt, low: number, high: number, place: number): void {
  let left = low;
  let right = high - 1;
  let scatter = 1;
  while (left < right) {
    // Pivots from places that no order of the list makes bad ones.
    const span = right - left + 1;
    const pick = (): number => order[left + ((scatter = (Math.imul(scatter, 1_664_525) + 1_013_904_223) >>> 0) % span)]!;
    const pivot = medianOf(pick(), pick(), pick(), compare);
    let i = left;
    let j = right;
    while (i <= j) {
      while (compare(order[i]!, pivot) < 0) i++;
      while (compare(order[j]!, pivot) > 0) j--;
      if (i <= j) {
        const moved = order[i]!;
        order[i++] = order[j]!;
        order[j--] = moved;
      }
    }
    if (place <= j) right = j;
    else if (place >= i) left = i;
    else return;
  }
}

function medianOf(first: number, second: number, third: number, compare: CompareAt): number {
  const [low, high] = compare(first, second) < 0 ? [first, second] : [second, first];
  if (compare(third, low) < 0) return low;
  return compare(third, high) < 0 ? third : high;
}
