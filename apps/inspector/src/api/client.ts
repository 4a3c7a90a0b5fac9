// Requests to the admin listener. Every answer tells the page whether the gateway is there (state/reachability.ts); what it refuses is
// thrown with its own words (`application/problem+json`, RFC 9457).

import { noteLost, noteReached, noteSignedOut } from '../state/reachability.ts';

/** The gateway said no. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** No answer came. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Where the API is: beside `/inspector/`, so that it works behind a proxy that puts both below a path. */
export function apiPath(path: string, query = ''): string {
  return `../inspection/${path}${query === '' ? '' : `?${query}`}`;
}

export async function getJson<Document>(path: string, signal?: AbortSignal): Promise<Document> {
  const response = await ask(path, { headers: { accept: 'application/json' }, ...(signal === undefined ? {} : { signal }) });
  return (await response.json()) as Document;
}

export async function postJson(path: string, document: object): Promise<void> {
  await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(document) });
}

/** Exchanges the admin token for a cookie that scripts cannot read. */
export async function signIn(token: string): Promise<void> {
  const response = await send(apiPath('session'), { method: 'POST', headers: { 'content-type': 'text/plain' }, body: token });
  if (!response.ok) throw await refusalOf(response);
  noteReached();
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await send(path, init);
  if (response.status === 401) noteSignedOut();
  else noteReached();
  if (!response.ok) throw await refusalOf(response);
  return response;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    noteLost(Date.now());
    throw new Unreachable('The gateway does not answer', { cause: error });
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  const bare = `${response.status} ${response.statusText}`.trim();
  if (response.headers.get('content-type')?.startsWith('application/problem+json') !== true) return new Refusal(response.status, bare);
  try {
    const { title, detail } = (await response.json()) as { title?: string; detail?: string };
    return new Refusal(response.status, detail ?? title ?? bare);
  } catch {
    return new Refusal(response.status, bare);
  }
}
