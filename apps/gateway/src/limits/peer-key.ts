// Whose an address is: what counts as one peer for its rates.
//
// An IPv4 address is one peer, also when it is written inside an IPv6 address (`::ffff:192.0.2.1`). Of an IPv6 address the first 64 bits
// count: the rest is the host's own to choose, so whoever has one address has 2^64 (RFC 4291 §2.5.1, RFC 6177).

const dotted = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** The key of a peer's address. What is no IP address (a name, the empty text of a Unix socket) stands for itself. */
export function peerKey(host: string): string {
  if (!host.includes(':')) return host;
  const inner = mapped.exec(host);
  return inner === null ? prefix64(host) : inner[1]!;
}

/** The IPv4 address in it, or null: what a list of IPv4 networks is asked about. */
export function ipv4Of(host: string): string | null {
  return dotted.test(host) ? host : (mapped.exec(host)?.[1] ?? null);
}

/** `2001:db8::1` is `2001:db8:0:0/64`. A zone (`%eth0`) tells links apart whose addresses are the same, and is kept. */
function prefix64(host: string): string {
  const percent = host.indexOf('%');
  const zone = percent < 0 ? '' : host.slice(percent);
  const [before = '', after] = (percent < 0 ? host : host.slice(0, percent)).split('::');
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  // A dotted ending stands for two groups.
  const written = head.length + tail.length + (host.includes('.') ? 1 : 0);
  const all = after === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - written)).fill('0'), ...tail];
  return `${all.slice(0, 4).join(':')}/64${zone}`;
}

/** Without leading zeroes and in lower case, so that one group has one spelling. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
