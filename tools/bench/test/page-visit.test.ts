import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageVisit } from '../src/page-visit.ts';

let asked: string[];
let open: Set<ServerResponse>;
let answer: (request: IncomingMessage, reply: ServerResponse) => void;
let port: number;
let stop: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  open = new Set();
  answer = ({ url = '' }, reply) => {
    if (/totals|events/.test(url)) {
      open.add(reply);
      reply.on('close', () => open.delete(reply));
      reply.write('event: sample\ndata: {}\n\n');
    } else reply.end('{"connections":[{"id":7}]}');
  };
  const server = createServer((request, reply) => {
    asked.push(request.url ?? '');
    answer(request, reply);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
  stop = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
});
afterEach(() => stop());

const patienceMs = 30_000 * Number(process.env['TEST_SLOWNESS'] ?? 1);

describe('a visit', () => {
  it('asks for what the page does, again and again, and leaves nothing open', async () => {
    const visit = await PageVisit.open(port);
    expect(asked.map((url) => url.replace(/\?.*/, '')).toSorted()).toEqual([
      '/inspection/connections',
      '/inspection/connections',
      '/inspection/connections/7',
      '/inspection/connections/7/events',
      '/inspection/totals',
    ]);
    expect(open.size).toBe(2);
    const [before, bytes] = [asked.length, visit.received];
    await vi.waitUntil(() => asked.length >= before + 2, patienceMs);
    await vi.waitUntil(() => visit.received > bytes, patienceMs);
    await visit.close();
    await vi.waitUntil(() => open.size === 0, patienceMs);
  });

  it('fails with what went wrong meanwhile', async () => {
    const visit = await PageVisit.open(port);
    for (const reply of open) reply.end();
    await vi.waitUntil(() => open.size === 0, patienceMs);
    // The end travels behind its last bytes.
    await vi.waitUntil(() => visit.close().then(() => false, () => true), patienceMs);
  });

  it('fails where there is no inspector, and where there is nobody to be watched', async () => {
    answer = (_, reply) => reply.writeHead(404).end();
    await expect(PageVisit.open(port)).rejects.toThrow('404');
    answer = (_, reply) => reply.end('{"connections":[]}');
    await expect(PageVisit.open(port)).rejects.toThrow('no connection');
  });
});
