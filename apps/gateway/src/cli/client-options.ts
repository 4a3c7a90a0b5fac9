// The flags that `pub` and `sub` share: where to, as whom, how patiently.

import { parseArgs } from 'node:util';
import type { TlsClientOptions } from '@sluice/transport-tls';
import { parseClientUrl, type ClientUrl } from '../client/client-url.ts';
import { formatProblem, type Problem } from '../config/index.ts';
import type { Host } from './host.ts';
import { trustedRoots } from './trusted-roots.ts';

export interface ClientOptions {
  readonly url: ClientUrl;
  readonly tls: TlsClientOptions;
  readonly token: string | null;
  readonly retries: number;
  readonly positionals: readonly string[];
  /** The flags of the command itself. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

export const clientHelp = `  --url URL       ws://HOST[:PORT] or wss://… for a WebSocket, command://HOST:PORT or commands://… for the command
                  protocol; the latter of each over TLS. [ws://127.0.0.1:8080]
  --token TOKEN   Sent to a WebSocket's gateway that asks for one. Others can read flags: SLUICE_TOKEN in the environment is safer.
  --ca FILE       Certificates to trust, PEM, in place of the system's and Node's.
  --cert FILE     This client's certificate, PEM, for gateways that ask for one; with --key.
  --key FILE      Its key.
  --retries N     Give up after so many failed rounds in a row, each over all addresses of the host; 0 for never.`;

/** Reads them, and those of the command itself (`own`, each with a value). Problems name the flag. */
export function readClientOptions(argv: readonly string[], own: readonly string[], defaultRetries: number, host: Host): ClientOptions | readonly Problem[] {
  const names = ['url', 'token', 'ca', 'cert', 'key', 'retries', ...own];
  let values: Record<string, string | undefined>;
  let positionals: string[];
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
    values = parsed.values as Record<string, string | undefined>;
    ({ positionals } = parsed);
  } catch (error) {
    return [{ where: 'sluice', message: (error as Error).message }];
  }
  const problems: Problem[] = [];
  const url = parseClientUrl(values['url'] ?? 'ws://127.0.0.1:8080');
  if (typeof url === 'string') problems.push({ where: '--url', message: url });
  const retries = countOf(values['retries'], defaultRetries);
  if (retries === null) problems.push({ where: '--retries', message: `expected a whole number from 0, got ${JSON.stringify(values['retries'])}` });
  const isSecure = typeof url !== 'string' && url.secure;
  const tls = readTls(values, isSecure, host, problems);
  if (problems.length > 0 || typeof url === 'string' || retries === null) return problems;
  const token = values['token'] ?? host.env['SLUICE_TOKEN'] ?? null;
  return { url, tls, token: token === '' ? null : token, retries, positionals, own: values };
}

/** A whole number from 0; the default where none is given; null where it is none. */
export function countOf(text: string | undefined, otherwise: number): number | null {
  if (text === undefined) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function readTls(values: Readonly<Record<string, string | undefined>>, isSecure: boolean, host: Host, problems: Problem[]): TlsClientOptions {
  const read = (flag: string): string | undefined => {
    const path = values[flag];
    if (path === undefined) return undefined;
    try {
      return host.readFile(path);
    } catch (error) {
      problems.push({ where: `--${flag}`, message: (error as Error).message });
      return undefined;
    }
  };
  const ca = isSecure && values['ca'] === undefined ? trustedRoots(host.readFile) : read('ca');
  const certificate = read('cert');
  const key = read('key');
  if ((values['cert'] === undefined) !== (values['key'] === undefined)) problems.push({ where: '--cert', message: 'a certificate and its key are given together' });
  return { ...(ca !== undefined && { ca }), ...(certificate !== undefined && key !== undefined && { identity: { certificate, key } }) };
}

/** Says what is wrong; the exit status for that. */
export function refuseOptions(host: Host, problems: readonly Problem[]): 2 {
  for (const problem of problems) host.printError(`${formatProblem(problem)}\n`);
  return 2;
}
