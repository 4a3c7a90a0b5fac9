// The order in which a name's addresses are tried: families take turns (RFC 8305, section 4), beginning with the resolver's favourite, so
// that one family without a route costs one time-out before the other gets its chance. Attempts themselves are sequential.

const isIpv6 = (address: string): boolean => address.includes(':');

/** The addresses, each once, families interleaved; within a family the resolver's order is kept. */
export function interleaveFamilies(addresses: readonly string[]): readonly string[] {
  const unique = [...new Set(addresses)];
  if (unique.length < 3) return unique;
  const firstIsIpv6 = isIpv6(unique[0]);
  const preferred = unique.filter((address) => isIpv6(address) === firstIsIpv6);
  const others = unique.filter((address) => isIpv6(address) !== firstIsIpv6);
  const ordered: string[] = [];
  for (let i = 0; i < Math.max(preferred.length, others.length); i++) ordered.push(...preferred.slice(i, i + 1), ...others.slice(i, i + 1));
  return ordered;
}
