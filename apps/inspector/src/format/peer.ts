// A peer's address, as it stands in URLs (RFC 3986 section 3.2.2). Port 0: a proxy has named the client without its port.

export function formatPeer({ host, port }: { readonly host: string; readonly port: number }): string {
  if (port === 0) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
