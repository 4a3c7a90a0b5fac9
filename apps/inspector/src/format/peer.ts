// A peer's address, as it stands in URLs (RFC 3986 section 3.2.2).

export function formatPeer({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
