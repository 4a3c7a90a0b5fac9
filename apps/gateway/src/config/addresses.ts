// Listening addresses as people write them: `127.0.0.1:8080`, `localhost:0`, `[::1]:8080`; and `fd:3`, a listening socket that the process was
// started with, or `systemd`, those that systemd passed for the setting.
//
// One pattern decides what an address is, so an editor that reads the JSON Schema and the gateway itself agree.

/** A host without brackets, and a port; 0 lets the system pick one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Of an inherited socket, whose host and port nobody knows before it is looked at. */
  readonly descriptor?: number;
}

/** Stands for the sockets that were passed; `adoption/inherited-sockets.ts` puts their `fd:N` in its place before anything is opened. */
export const inheritedAddress = 'systemd';
const inherited = /^fd:([3-9]|[1-9]\d{1,4})$/;

const port = '(?:0|[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';

/** `HOST:PORT`, where an IPv6 host stands in brackets, and the words for inherited sockets. The only syntax the gateway takes. */
export const addressPattern: RegExp = new RegExp(
  `^${inheritedAddress}$|^fd:(?:[3-9]|[1-9]\\d{1,4})$|^(?!fd:)(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):${port}$`,
  'u',
);

/** Splits a text that matches {@link addressPattern}; throws a RangeError on any other. */
export function parseAddress(text: string): ListenAddress {
  if (!addressPattern.test(text)) throw new RangeError(`not a HOST:PORT address: ${text}`);
  if (text === inheritedAddress) return { host: '', port: 0, descriptor: -1 };
  const descriptor = inherited.exec(text)?.[1];
  if (descriptor !== undefined) return { host: '', port: 0, descriptor: Number(descriptor) };
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(text.slice(colon + 1)) };
}

/**
 * True where only this machine can connect: `localhost`, 127.0.0.0/8, `::1` and 127.0.0.0/8 mapped into IPv6, in any
 * spelling (`127.1`, `0:0:0:0:0:0:0:1`). Names other than `localhost` are never taken for loopback: they are not resolved.
 */
export function isLoopback(host: string): boolean {
  const canonical = canonicalHost(host);
  return (
    canonical === 'localhost' ||
    /^127(?:\.\d{1,3}){3}$/.test(canonical) ||
    canonical === '[::1]' ||
    /^\[::ffff:7f[0-9a-f]{2}:/.test(canonical)
  );
}

/** The URL standard's spelling of a host: numbers in full, IPv6 compressed and in brackets. */
export function canonicalHost(host: string): string {
  const url = URL.parse(`http://${host.includes(':') ? `[${host}]` : host}/`);
  return url === null ? host.toLowerCase() : url.hostname;
}
