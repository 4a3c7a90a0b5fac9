import { describe, expect, it } from 'vitest';
import { AnswerCounter, RequestLoad } from '../../src/load/requests.ts';
import { makeWorkload } from '../../src/load/workload.ts';
import { drive } from './clients.ts';
import { serveHttp } from './server.ts';

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');

describe('counting answers', () => {
  it('finds the end however the bytes are cut', () => {
    for (let first = 1; first < answer.length; first++) {
      for (let second = first + 1; second < answer.length; second++) {
        const counter = new AnswerCounter();
        const parts = [answer.subarray(0, first), answer.subarray(first, second), answer.subarray(second)];
        expect(parts.map((part) => counter.receive(part, part.length))).toEqual([false, false, true]);
      }
    }
  });

  it('takes one answer after the other', () => {
    const counter = new AnswerCounter();
    for (let i = 0; i < 3; i++) expect(counter.receive(answer, answer.length)).toBe(true);
  });

  it.each([
    ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'refused: HTTP/1.1 404 Not Found'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'without Content-Length'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc', '2 bytes too many'],
  ])('refuses %j', (text, message) => {
    const bytes = Buffer.from(text);
    expect(() => new AnswerCounter().receive(bytes, bytes.length)).toThrow(message);
  });
});

describe('request load', () => {
  const request = 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n';

  it('counts the requests that were answered', async () => {
    let served = 0;
    const target = await serveHttp((_, response) => {
      served++;
      response.setHeader('content-length', 100_000).end(Buffer.alloc(100_000));
    });
    const { messages } = await drive([{ ...target, kind: 'request', request, connections: 3 }]);
    expect(messages).toBe(served);
    expect(messages).toBeGreaterThanOrEqual(3);
  });

  it('fails when the server refuses', async () => {
    const target = await serveHttp((_, response) => response.writeHead(500).end());
    await expect(drive([{ ...target, kind: 'request', request, connections: 1 }])).rejects.toThrow('refused');
  });

  it('is what a request job makes', () => {
    const job = { kind: 'request', port: 1, localAddress: '127.0.0.1', request, connections: 1 } as const;
    expect(makeWorkload(job, () => undefined)).toBeInstanceOf(RequestLoad);
  });
});
