// A WebSocket's request that lost its Upgrade and Connection fields on the way. Both belong to one hop (RFC 9110 section 7.6.1), so a
// proxy that was not told to pass them on drops them, and what arrives looks like a plain GET.

import type { HttpExchange } from '@sluice/connection';
import type { Problem } from '../http/problem.ts';

const headers = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Version', '13'];
const detail =
  'This is the request of a WebSocket, but a proxy has removed or changed its "Upgrade: websocket" and "Connection: Upgrade" fields. ' +
  'Have the proxy pass them on over HTTP/1.1; in nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; ' +
  'proxy_set_header Connection "upgrade";';

/** 426 (RFC 9110 section 15.5.22) with what to set; null for a request that is no WebSocket's, or still has both fields. */
export function lostUpgrade({ head, method }: HttpExchange): Problem | null {
  if (method !== 'GET' || hasUpgrade(head) || !isOfWebSocket(head)) return null;
  return { status: 426, detail, headers, more: { code: 'upgradeMissing' } };
}

/** Whether a request asks to become a WebSocket. */
export function hasUpgrade(head: HttpExchange['head']): boolean {
  return head.upgrade.some((protocol) => protocol.toLowerCase() === 'websocket');
}

/** By the fields that a proxy leaves alone: those of RFC 6455 section 4.1, and what a browser says of the request (Fetch Metadata). */
function isOfWebSocket(head: HttpExchange['head']): boolean {
  return head.has('sec-websocket-key') || head.has('sec-websocket-version') || head.get('sec-fetch-mode') === 'websocket' || head.get('sec-fetch-dest') === 'websocket';
}
