// RFC 9112: messages on the wire. Framing, connections and their reuse, versions, malformed requests.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WirePeer } from '../support/wire-peer.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';

let running: RunningGateway;
let peer: WirePeer;
beforeAll(async () => {
  running = await runGateway({ config: { limits: { maxRequestsPerConnection: 50 } } });
});
afterEach(() => peer?.destroy());
afterAll(() => running.stop());

async function connect(): Promise<WirePeer> {
  peer = await WirePeer.connect(running.port);
  return peer;
}

const publish = (topic: string, body: string): string => `POST /topics/${topic} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const offsetOf = ({ body }: { readonly body: Buffer }): number => (JSON.parse(body.toString()) as { offset: number }).offset;

describe('2.1 message format', () => {
  it('an empty line before the request line is passed over (2.2)', async () => {
    await connect();
    peer.send('\r\nGET /topics/blank HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await peer.reply()).status).toBe(200);
  });

  it.each([
    ['a bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['space before the colon (5.1)', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['a folded line (5.2)', 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
    ['no Host (3.2)', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['two Hosts (3.2)', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['Content-Length and Transfer-Encoding (6.3)', 'POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['two lengths (6.3)', 'POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['a transfer coding nobody knows (6.1)', 'POST /topics/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: cloak\r\n\r\n', 501],
    ['a chunk size that is no number (7.1)', 'POST /topics/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n', 400],
    ['another version (2.3)', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['an expectation nobody knows (RFC 9110 10.1.1)', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: the-unexpected\r\n\r\n', 417],
    ['a version that is none (2.3)', 'GET / HTTP/01.01\r\nHost: a\r\n\r\n', 400],
    ['another version that is none (2.3)', 'GET / HTTP/2x\r\nHost: a\r\n\r\n', 400],
    ['a target of more than 8192 bytes', `GET /${'a'.repeat(8192)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['a header line of more than 8192 bytes', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(8192)}\r\n\r\n`, 431],
    ['more than 100 header lines', `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(100)}\r\n`, 431],
    ['a body of more than 1 MiB', 'POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n', 413],
  ])('%s is answered in one way: a problem document, then FIN', async (_, bytes, status) => {
    await connect();
    peer.send(bytes);
    const reply = await peer.reply();
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(reply.body.toString())).toMatchObject({ type: 'about:blank', status });
    expect(reply.headers.get('connection')).toBe('close');
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });

  it('the error arrives whole though the client goes on sending (9.6)', async () => {
    await connect();
    const body = Buffer.alloc(64 * 1024, 'x');
    peer.send('POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n');
    for (let count = 0; count < 64; count++) peer.send(body);
    const reply = await peer.reply();
    expect(reply.status).toBe(413);
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });
});

describe('3 request line', () => {
  it('a target of 8000 bytes is taken', async () => {
    await connect();
    peer.request(`GET /topics/long?${'a'.repeat(8000)} HTTP/1.1`);
    expect((await peer.reply()).status).toBe(200);
  });

  it('an absolute target is taken (3.2.2)', async () => {
    await connect();
    peer.send('GET http://elsewhere/topics/absolute HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(JSON.parse((await peer.reply()).body.toString())).toMatchObject({ topic: 'absolute' });
  });

  it.each(['get / HTTP/1.1', 'GET  / HTTP/1.1', 'GET / HTTP/1.1 ', 'GET / http/1.1', 'GET /a b HTTP/1.1', 'G{T / HTTP/1.1'])('%j is not one that is served', async (line) => {
    await connect();
    peer.request(line);
    const { status } = await peer.reply();
    expect([400, 405, 501, 505]).toContain(status);
  });
});

describe('6 bodies', () => {
  it('a chunked request with extensions and trailers is one publication (7.1)', async () => {
    await connect();
    peer.send('POST /topics/chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n006\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n');
    expect(offsetOf(await peer.reply())).toBe(1);
    peer.request('GET /topics/chunks HTTP/1.1');
    expect(JSON.parse((await peer.reply()).body.toString())).toMatchObject({ publications: [{ data: 'hello world' }] });
  });

  it('every split of a chunked request gives the same', async () => {
    const bytes = 'POST /topics/cuts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
    await connect();
    for (let cut = 1; cut < bytes.length; cut += 7) {
      peer.send(bytes.slice(0, cut));
      await new Promise<void>((sent) => peer.socket.write(bytes.slice(cut), () => sent()));
      expect(await peer.reply()).toMatchObject({ status: 200 });
    }
    peer.request('GET /topics/cuts HTTP/1.1');
    const { publications } = JSON.parse((await peer.reply()).body.toString()) as { publications: { data: string }[] };
    expect(publications.length).toBe(Math.ceil((bytes.length - 1) / 7));
    expect(new Set(publications.map(({ data }) => data))).toEqual(new Set(['abc']));
  });

  it('a reply tells its exact length', async () => {
    await connect();
    peer.request('GET /topics/none HTTP/1.1');
    const { headers, body, chunks } = await peer.reply();
    expect(headers.get('content-length')).toBe(String(body.length));
    expect(chunks).toBe(0);
  });

  it('FIN in the middle of a request: no reply to it, and nothing is published (8)', async () => {
    await connect();
    peer.send('POST /topics/torn HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    peer.end();
    expect(await peer.rest()).not.toContain('200 OK');
    expect(await (await fetch(`${running.url}/topics/torn`)).json()).toMatchObject({ publications: [] });
  });
});

describe('9 connections', () => {
  it('are reused (9.3)', async () => {
    await connect();
    for (let offset = 1; offset <= 3; offset++) {
      peer.send(publish('reused', `message ${offset}`));
      const reply = await peer.reply();
      expect(offsetOf(reply)).toBe(offset);
      expect(reply.headers.has('connection')).toBe(false);
    }
  });

  it('three requests in one packet are answered in order (9.3.2)', async () => {
    await connect();
    peer.send(publish('pipe', 'a') + publish('pipe', 'b') + 'GET /topics/pipe HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(offsetOf(await peer.reply())).toBe(1);
    expect(offsetOf(await peer.reply())).toBe(2);
    expect(JSON.parse((await peer.reply()).body.toString())).toMatchObject({ publications: [{ data: 'a' }, { data: 'b' }] });
  });

  it('pipelined requests for files and topics keep their order, though a file takes longer to open', async () => {
    await connect();
    const lines = ['/app.css', '/topics/order', '/nothing.here', '/topics/order', '/index.html', '/topics/order'];
    peer.send(lines.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    const types: (string | undefined)[] = [];
    while (types.length < lines.length) types.push((await peer.reply()).headers.get('content-type'));
    expect(types).toEqual([
      'text/css;charset=utf-8',
      'application/json',
      'application/problem+json',
      'application/json',
      'text/html;charset=utf-8',
      'application/json',
    ]);
  });

  it('what waits behind a slow reply is the connection’s own, whatever the others send meanwhile', async () => {
    const peers = await Promise.all(Array.from({ length: 20 }, () => WirePeer.connect(running.port)));
    // Whether a file is there is asked of the disk: the second request waits for that.
    for (const [at, one] of peers.entries()) one.send(`GET /missing HTTP/1.1\r\nHost: a\r\n\r\nGET /topics/own.${at} HTTP/1.1\r\nHost: a\r\n\r\n`);
    for (const [at, one] of peers.entries()) {
      expect((await one.reply()).status).toBe(404);
      expect(JSON.parse((await one.reply()).body.toString())).toMatchObject({ topic: `own.${at}` });
      one.destroy();
    }
  });

  it('Connection: close ends after the reply (9.6)', async () => {
    await connect();
    peer.request('GET /topics/a HTTP/1.1', 'Connection: close');
    peer.request('GET /topics/never HTTP/1.1');
    expect((await peer.reply()).headers.get('connection')).toBe('close');
    expect(await peer.rest()).toBe('');
    expect(peer.ending).toBe('fin');
  });

  it('HTTP/1.0 closes after the reply, and is never sent chunks (6.1)', async () => {
    await connect();
    peer.send('GET /topics/old HTTP/1.0\r\n\r\n');
    const reply = await peer.reply();
    expect(reply.status).toBe(200);
    expect(reply.headers.has('transfer-encoding')).toBe(false);
    expect(await peer.rest()).toBe('');
  });

  it('HTTP/1.0 is kept when it asks for that', async () => {
    await connect();
    for (let count = 0; count < 2; count++) {
      peer.send('GET /topics/old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      expect((await peer.reply()).headers.get('connection')?.toLowerCase()).toBe('keep-alive');
    }
  });

  it('an event stream for HTTP/1.0 lasts until the connection closes', async () => {
    await connect();
    peer.send('GET /topics/old-stream HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n');
    const { headers } = await peer.head();
    expect(headers.has('transfer-encoding')).toBe(false);
    await fetch(`${running.url}/topics/old-stream`, { method: 'POST', body: 'hello' });
    await peer.take('the event', (bytes) => (bytes.includes('data: hello\n\n') ? { value: null, length: bytes.length } : null));
  });

  it('the last reply a connection may have says so', async () => {
    await connect();
    for (let count = 1; count <= 50; count++) {
      peer.request('GET /topics/counted HTTP/1.1');
      expect((await peer.reply()).headers.get('connection')).toBe(count === 50 ? 'close' : undefined);
    }
    expect(await peer.rest()).toBe('');
  });

  it('FIN after a request still gets the reply (9.6)', async () => {
    await connect();
    peer.request('GET /topics/half HTTP/1.1');
    peer.end();
    expect((await peer.reply()).status).toBe(200);
    expect(await peer.rest()).toBe('');
  });
});
