// Names seen in nearly every message, so that giving one out makes no new string.

import { hashOf } from './characters.ts';

const names = [
  'accept', 'accept-charset', 'accept-encoding', 'accept-language', 'accept-ranges', 'access-control-allow-origin',
  'access-control-request-headers', 'access-control-request-method', 'age', 'allow', 'authorization', 'cache-control',
  'connection', 'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location',
  'content-range', 'content-security-policy', 'content-type', 'cookie', 'date', 'dnt', 'etag', 'expect', 'expires',
  'forwarded', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since',
  'keep-alive', 'last-event-id', 'last-modified', 'link', 'location', 'origin', 'pragma', 'proxy-authenticate',
  'proxy-authorization', 'range', 'referer', 'retry-after', 'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site',
  'sec-websocket-accept', 'sec-websocket-extensions', 'sec-websocket-key', 'sec-websocket-protocol',
  'sec-websocket-version', 'server', 'set-cookie', 'strict-transport-security', 'te', 'trailer', 'transfer-encoding',
  'upgrade', 'upgrade-insecure-requests', 'user-agent', 'vary', 'via', 'www-authenticate', 'x-forwarded-for',
  'x-forwarded-host', 'x-forwarded-proto', 'x-request-id',
];

/** By hash; the names' own hashes differ from one another (a test says so), a stranger's may not. */
export const commonNames: ReadonlyMap<number, string> = new Map(names.map((name) => [hashOf(name), name]));
