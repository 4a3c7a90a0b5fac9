// IP addresses as the headers carry them: text in version 1, bytes in version 2. Both become the text that sockets have.

const decimal = /^(?:0|[1-9]\d{0,2})$/;

/** Four numbers with dots, without leading zeroes. */
export function isIpv4Text(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => decimal.test(part) && Number(part) <= 255);
}

/** The eight groups of an IPv6 address (RFC 4291 section 2.2); null for anything else. */
export function ipv6Groups(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [before, after = []] = halves.map(groupsOf);
  if (before === undefined || before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (halves.length === 1) return missing === 0 ? before : null;
  return missing < 1 ? null : [...before, ...Array<number>(missing).fill(0), ...after];
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && isIpv4Text(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** The shortest text of an IPv6 address (RFC 5952); of one that stands for an IPv4 address, that address. */
export function ipv6Text(groups: readonly number[]): string {
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join('.');
  }
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const hex = groups.map((group) => group.toString(16));
  return start < 0 ? hex.join(':') : `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
