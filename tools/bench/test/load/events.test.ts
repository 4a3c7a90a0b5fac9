import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { countMarks, EventsLoad } from '../../src/load/events.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { drive } from './clients.ts';
import { serveHttp } from './server.ts';

const job = { kind: 'events', path: '/topics/x', connections: 4, bytes: 64 } as const;

describe('counting events', () => {
  it('counts marks up to the length, not what an earlier read left behind', () => {
    const bytes = Buffer.from('data: ~x\n\ndata: ~y\n\n~');
    expect(countMarks(bytes, bytes.length)).toBe(3);
    expect(countMarks(bytes, 17)).toBe(2);
    expect(countMarks(bytes, 6)).toBe(0);
  });
});

/** A server of event streams that sends each event `times` times. */
async function serveEvents(times: number): Promise<{ target: { port: number; localAddress: string }; posted: () => number }> {
  const subscribers = new Set<ServerResponse>();
  let posted = 0;
  const target = await serveHttp((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
      subscribers.add(response);
      return;
    }
    request.setEncoding('utf8').on('data', (body: string) => {
      posted++;
      for (const each of subscribers) each.write(`id: ${posted}\ndata: ${body}\n\n`.repeat(times));
      response.setHeader('content-length', 2).end('ok');
    });
  });
  return { target, posted: () => posted };
}

describe('event load', () => {
  it('counts a delivery for each event at each subscriber', async () => {
    const { target, posted } = await serveEvents(1);
    const { messages } = await drive([{ ...target, ...job }]);
    expect(messages).toBe(posted() * 4);
    expect(posted()).toBeGreaterThan(0);
  });

  it('fails when events come twice', async () => {
    const { target } = await serveEvents(2);
    await expect(drive([{ ...target, ...job }])).rejects.toThrow('twice');
  });

  it('is what an event job makes', () => {
    const workload = makeWorkload({ port: 1, localAddress: '127.0.0.1', ...job }, () => undefined);
    expect(workload).toBeInstanceOf(EventsLoad);
  });
});
