import type { Connection, HttpExchange } from '@sluice/connection';
import { expect, it } from 'vitest';
import { RequestClient, clientHostOf, clientOf, isSecureRequest, requestClientOf, viaOf } from '../../src/client-address/request-client.ts';

const peer = { host: '127.0.0.1', port: 40_000 };
const exchangeWith = (userData: unknown, secureSession?: unknown): HttpExchange =>
  ({ userData, session: { connection: { endpoint: { peer, ...(secureSession !== undefined && { secureSession }) } } } }) as unknown as HttpExchange;
const connectionWith = (userData: unknown): Connection => ({ userData, endpoint: { peer } }) as unknown as Connection;
const client = new RequestClient({ host: '203.0.113.9', port: 0 }, '127.0.0.1', 'https');

it('without a proxy the peer is the client, and its own TLS is what counts', () => {
  const exchange = exchangeWith(null);
  expect([requestClientOf(exchange), clientHostOf(exchange), isSecureRequest(exchange)]).toEqual([null, '127.0.0.1', false]);
  expect(isSecureRequest(exchangeWith(null, {}))).toBe(true);
  expect([clientOf(connectionWith(null)), viaOf(connectionWith(null))]).toEqual([peer, null]);
  expect(clientOf(connectionWith({ client: null }))).toBe(peer);
});

it('behind a proxy the client is the one it names', () => {
  const exchange = exchangeWith(client);
  expect([requestClientOf(exchange), clientHostOf(exchange), isSecureRequest(exchange)]).toEqual([client, '203.0.113.9', true]);
  expect([clientOf(connectionWith({ client })), viaOf(connectionWith({ client }))]).toEqual([client, '127.0.0.1']);
});

it.each([
  ['https', true],
  ['wss', true],
  ['http', false],
  [null, false],
])('a client that spoke %s: secure is %s', (proto, isSecure) => {
  expect(new RequestClient(peer, null, proto).isSecure).toBe(isSecure);
});
