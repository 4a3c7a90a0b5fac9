// node:http with a keep-alive agent as a client; over TLS it is node:https.

import * as clear from 'node:http';
import type { Agent as ClearAgent, IncomingMessage, RequestOptions } from 'node:http';
import * as secure from 'node:https';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { isOverTls } from '../support/secure.ts';

const { Agent, request } = isOverTls() ? secure : clear;

let running: RunningGateway;
let agent: ClearAgent;
beforeEach(async () => {
  running = await runGateway();
  agent = new Agent({ keepAlive: true, maxSockets: 4 });
});
afterEach(async () => {
  agent.destroy();
  await running.stop();
});

async function ask(path: string, options: RequestOptions, body?: string | Buffer): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }> {
  const asked = request(running.url + path, { agent, ...options });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
  return { status: response.statusCode!, headers: response.headers, text: Buffer.concat(pieces).toString() };
}

it('two hundred requests share four connections', async () => {
  const replies = await Promise.all(Array.from({ length: 200 }, (_, at) => ask(`/topics/shared.${at % 4}`, { method: 'POST' }, `message ${at}`)));
  expect(replies.every(({ status }) => status === 200)).toBe(true);
  expect(running.gateway.registry.opened).toBe(4);
  const { text } = await ask('/topics/shared.0?limit=1000', {});
  expect((JSON.parse(text) as { publications: unknown[] }).publications).toHaveLength(50);
});

it('HEAD, a range and a chunked body on one connection', async () => {
  const one = new Agent({ keepAlive: true, maxSockets: 1 });
  const head = await ask('/app.css', { agent: one, method: 'HEAD' });
  expect(head.text).toBe('');
  const range = await ask('/app.css', { agent: one, headers: { range: 'bytes=0-9' } });
  expect(range.status).toBe(206);
  expect(range.headers['content-range']).toBe(`bytes 0-9/${head.headers['content-length']}`);
  const chunked = await ask('/topics/news', { agent: one, method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, 'chunked');
  expect(JSON.parse(chunked.text)).toMatchObject({ offset: 1 });
  expect(running.gateway.registry.opened).toBe(1);
  one.destroy();
});

it('Expect: 100-continue', async () => {
  const body = Buffer.alloc(500_000, 'x');
  const asked = request(`${running.url}/topics/news`, { agent, method: 'POST', headers: { expect: '100-continue', 'content-length': body.length } });
  asked.flushHeaders();
  await once(asked, 'continue');
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(200);
});
