// How `top` and `inspect` reach a gateway's admin listener: over HTTP, with the admin token where there is one.

import { request as requestClear, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { createInterface } from 'node:readline';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { printable } from '../client/printable.ts';
import { addressPattern, parseAddress } from '../config/addresses.ts';
import type { Problem } from '../config/index.ts';
import type { Host } from './host.ts';

export interface AdminApi {
  /** The document at a path below the admin address; throws an {@link AdminError}. */
  get(path: string): Promise<unknown>;
  /** Follows an event stream: ends when the gateway ends it, or `signal` does. Throws an {@link AdminError}. */
  follow(path: string, onEvent: (name: string, data: unknown) => void, signal: AbortSignal): Promise<void>;
}

/** No answer, or one that is a refusal: the message is for people. */
export class AdminError extends Error {
  override readonly name = 'AdminError';

  /** The message may be the other side's: it is made fit for a terminal. */
  constructor(message: string) {
    super(printable(message));
  }
}

export interface AdminTarget {
  readonly url: URL;
  readonly token: string | null;
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca: string | undefined;
}

export interface AdminOptions {
  readonly target: AdminTarget;
  readonly positionals: readonly string[];
  /** The flags of the command itself. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

export const tokenVariable = 'SLUICE_AUTH_ADMIN_TOKEN';

export const adminHelp = `  --admin URL     The gateway's admin address. [http://127.0.0.1:9090]
  --token TOKEN   Its admin token, where it has one. Others can read flags: ${tokenVariable} in the environment is safer.
  --ca FILE       Certificates to trust, PEM, instead of the system's.`;

/** Reads them, and those of the command itself (`own`, each with a value). Problems name the flag. */
export function readAdminOptions(argv: readonly string[], own: readonly string[], host: Host): AdminOptions | readonly Problem[] {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv, ['admin', 'token', 'ca', ...own]);
  } catch (error) {
    return [{ where: 'sluice', message: (error as Error).message }];
  }
  const { values, positionals } = parsed;
  const { admin = 'http://127.0.0.1:9090', ca: caFile } = values;
  const url = URL.parse(admin);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    const correction = isAddress(admin) ? `; use http://${admin}` : '';
    return [{ where: '--admin', message: `expected http://HOST:PORT or https://HOST:PORT, got ${JSON.stringify(admin)}${correction}` }];
  }
  let ca: string | undefined;
  try {
    ca = caFile === undefined ? undefined : host.readFile(caFile);
  } catch (error) {
    return [{ where: '--ca', message: (error as Error).message }];
  }
  const token = values['token'] ?? host.env[tokenVariable] ?? '';
  return { target: { url, token: token === '' ? null : token, ca }, positionals, own: values };
}

/** `HOST:PORT` without a scheme, as the gateway's own settings have it. */
function isAddress(text: string): boolean {
  return addressPattern.test(text) && parseAddress(text).descriptor === undefined;
}

function parse(argv: readonly string[], names: readonly string[]): { values: Record<string, string | undefined>; positionals: string[] } {
  const options: ParseArgsConfig['options'] = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  return { values: values as Record<string, string | undefined>, positionals };
}

/** Silence that is taken for no answer; a stream may be as quiet as it likes once it has begun. */
const answerTimeoutMs = 10_000;

export function adminApi({ url, token, ca }: AdminTarget): AdminApi {
  const ask = (path: string, accept: string, signal?: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { Accept: accept, ...(token !== null && { Authorization: `Bearer ${token}` }) };
      const options: RequestOptions & { ca?: string } = { headers, ...(signal !== undefined && { signal }), ...(ca !== undefined && { ca }) };
      const send = url.protocol === 'https:' ? requestSecure : requestClear;
      const request = send(new URL(path.replace(/^\//, ''), new URL(`${url.origin}${url.pathname.replace(/\/?$/, '/')}`)), options, (response) => {
        if (signal !== undefined) request.setTimeout(0);
        resolve(response);
      });
      request.setTimeout(answerTimeoutMs, () => request.destroy(new Error('no answer in time')));
      request.once('error', (error) => reject(asAdminError(error, url)));
      request.end();
    });
  return {
    async get(path) {
      const response = await ask(path, 'application/json');
      try {
        const text = await textOf(response);
        if (response.statusCode !== 200) throw refusalOf(response, text);
        return JSON.parse(text);
      } catch (error) {
        throw asAdminError(error, url);
      }
    },
    async follow(path, onEvent, signal) {
      const response = await ask(path, 'text/event-stream', signal);
      try {
        if (response.statusCode !== 200) throw refusalOf(response, await textOf(response));
        let name = 'message';
        for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
          if (line.startsWith('event: ')) name = line.slice(7);
          else if (line.startsWith('data: ')) onEvent(name, JSON.parse(line.slice(6)));
        }
      } catch (error) {
        if (!signal.aborted) throw asAdminError(error, url);
      }
      if (!response.complete && !signal.aborted) throw new AdminError(`${url.origin}: the connection broke`);
    },
  };
}

function asAdminError(error: unknown, { origin }: URL): AdminError {
  if (error instanceof AdminError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  const advice = code === 'ECONNREFUSED' ? '. Does the gateway run? Give its admin address with --admin URL.' : '';
  // Node's error for several addresses has no message.
  return new AdminError(`${origin}: ${message === '' ? (code ?? 'no connection') : message}${advice}`);
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}

function refusalOf({ statusCode }: IncomingMessage, text: string): AdminError {
  let detail = '';
  try {
    detail = String((JSON.parse(text) as { detail?: unknown }).detail ?? '');
  } catch {
    // Not a gateway's answer.
  }
  return new AdminError(detail === '' ? `the answer was ${statusCode}` : detail);
}
