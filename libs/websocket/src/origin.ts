// The check of a browser's Origin against an allow-list (RFC 6455, sections 4.2.2 and 10.2; RFC 6454).
//
// Allowed are exact origins (`https://example.com`, with `:port` unless it is the scheme's own), origins with a wildcard for one or
// more leading labels of the host (`https://*.example.com`, which does not mean example.com itself), `null` for the opaque origin,
// and `*` for any.

interface Origin {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

const form = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[^/:?#@[\]\s]+)(?::([0-9]{1,5}))?$/;
const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443' };

function parseOrigin(text: string): Origin | null {
  const found = form.exec(text.toLowerCase());
  if (found === null) return null;
  const [, scheme, host, port] = found;
  return { scheme, host, port: port ?? defaultPorts[scheme] ?? '' };
}

/**
 * Whether an origin is on the list. One that is no origin (a path, several at once) never is, not even for `*`.
 */
export function isOriginAllowed(origin: string, allowed: readonly string[]): boolean {
  if (origin === 'null') return allowed.includes('null') || allowed.includes('*');
  const given = parseOrigin(origin);
  return given !== null && allowed.some((entry) => entry === '*' || matches(given, parseOrigin(entry)));
}

function matches(given: Origin, entry: Origin | null): boolean {
  if (entry === null || given.scheme !== entry.scheme || given.port !== entry.port) return false;
  if (!entry.host.startsWith('*.')) return given.host === entry.host;
  return given.host.length >= entry.host.length && given.host.endsWith(entry.host.slice(1));
}
