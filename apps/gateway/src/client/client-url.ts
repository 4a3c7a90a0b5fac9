// Where a command-line client connects to: the scheme says which protocol, and whether over TLS.
//
//     ws://127.0.0.1:8080      wss://example.org      command://127.0.0.1:7000      commands://example.org:7000

export interface ClientUrl {
  readonly protocol: 'websocket' | 'command';
  readonly secure: boolean;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** As the Host field has it: with brackets, and the port unless it is the scheme's. */
  readonly authority: string;
}

interface Scheme {
  readonly protocol: ClientUrl['protocol'];
  readonly secure: boolean;
  /** Null: it has to be given. */
  readonly port: number | null;
}

const schemes: Readonly<Record<string, Scheme>> = {
  'ws:': { protocol: 'websocket', secure: false, port: 80 },
  'wss:': { protocol: 'websocket', secure: true, port: 443 },
  'command:': { protocol: 'command', secure: false, port: null },
  'commands:': { protocol: 'command', secure: true, port: null },
};

/** The scheme to use in place of another protocol's, or of none. */
const schemesMeant: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', '': 'ws:' };

/** The URL that an address of HTTP, or `HOST:PORT` alone, stands for; null where that cannot be told. */
function urlMeant(text: string): string | null {
  const [, scheme = '', rest = ''] = /^(?:(https?:)\/\/)?((?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?)\/?$/i.exec(text) ?? [];
  const meant = `${schemesMeant[scheme.toLowerCase()]}//${rest}`;
  return rest !== '' && URL.canParse(meant) ? meant : null;
}

function unexpected(text: string): string {
  const meant = urlMeant(text);
  const correction = meant === null ? '' : `; use ${meant}`;
  return `expected ws://HOST[:PORT], wss://HOST[:PORT], command://HOST:PORT or commands://HOST:PORT, got ${JSON.stringify(text)}${correction}`;
}

/** Answers what is wrong with it as a text. */
export function parseClientUrl(text: string): ClientUrl | string {
  if (!URL.canParse(text)) return unexpected(text);
  const url = new URL(text);
  const scheme = Object.hasOwn(schemes, url.protocol) ? schemes[url.protocol] : undefined;
  if (scheme === undefined || url.hostname === '') return unexpected(text);
  if (url.username !== '' || url.password !== '') return 'expected no user in the URL; a token is given with --token or SLUICE_TOKEN';
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') return 'expected nothing behind host and port; the topic is an argument';
  const port = url.port === '' ? scheme.port : Number(url.port);
  if (port === null || port === 0) return `expected a port, as in ${url.protocol}//${url.hostname}:7000`;
  const { protocol, secure } = scheme;
  return { protocol, secure, host: url.hostname.replace(/^\[|\]$/g, ''), port, authority: url.host };
}
