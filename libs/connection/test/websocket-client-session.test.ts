import { createHash } from 'node:crypto';
import { WebSocketEngine } from '@sluice/websocket';
import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { WebSocketClientSession, type CloseReason, type WebSocketHandler, type WebSocketSession } from '../src/index.ts';
import { stage } from './support/stage.ts';

const nonce = Uint8Array.from({ length: 16 }, (_, index) => index);
const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const key = Buffer.from(nonce).toString('base64');
const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const switched = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;

function open(protocols: readonly string[] = []) {
  const events: string[] = [];
  const handler: WebSocketHandler = {
    onOpen: () => void events.push('open'),
    onMessage: (_socket: WebSocketSession, _opcode, bytes, start, end) => events.push(`message ${Buffer.from(bytes.subarray(start, end)).toString()}`) > 0,
    onWritable() {},
    onClose: (_socket: WebSocketSession, reason: CloseReason) => void events.push(`close ${reason}`),
  };
  const staged = stage({
    session: (pool) =>
      new WebSocketClientSession(
        {
          pool,
          authority: 'example.test:8080',
          target: '/topics/news',
          sha1,
          nonce,
          maskKey: () => 0x01020304,
          protocols,
          fields: ['Authorization', 'Bearer secret'],
          liveness: { pingIntervalMs: 1000, idleTimeoutMs: 3000 },
        },
        handler,
      ),
  });
  staged.turn();
  return { ...staged, events };
}

/** Frames as a server sends them, in ISO 8859-1. */
function served(say: (engine: WebSocketEngine) => void): string {
  const pool = new Pool('server');
  const engine = new WebSocketEngine({ role: 'server', pool });
  say(engine);
  const text = Buffer.from(engine.output.flatten(10_000)).toString('latin1');
  return text;
}

const message = (text: string) => (engine: WebSocketEngine) => engine.sendMessage(1, Buffer.from(text), 0, Buffer.byteLength(text));

describe('the request (RFC 6455, section 4.1)', () => {
  it('asks for an upgrade, with what the caller adds', () => {
    const { endpoint } = open(['sluice.v1']);
    const [start, ...fields] = endpoint.sent.split('\r\n');
    expect(start).toBe('GET /topics/news HTTP/1.1');
    expect(fields.slice(-2)).toEqual(['', '']);
    expect(fields.slice(0, -2).toSorted()).toEqual([
      'Authorization: Bearer secret',
      'Connection: upgrade',
      'Host: example.test:8080',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Protocol: sluice.v1',
      'Sec-WebSocket-Version: 13',
      'Upgrade: websocket',
    ]);
  });
});

describe('an answer that switches', () => {
  it('opens a WebSocket, and reads what came behind the answer first', () => {
    const { endpoint, connection, session, events } = open(['sluice.v1']);
    endpoint.arrive(`${switched}Sec-WebSocket-Protocol: sluice.v1\r\n\r\n${served(message('first'))}`);
    expect(events).toEqual(['open', 'message first']);
    expect(session.subprotocol).toBe('sluice.v1');
    expect(connection.state.phase).toBe('established');
    expect(connection.session).toBe(session.socket);
    endpoint.arrive(served(message('second')));
    expect(events.at(-1)).toBe('message second');
  });

  it('masks what is sent (section 5.3), and is alive: a quiet server is pinged', () => {
    const { endpoint, session, turn, clock } = open();
    endpoint.arrive(`${switched}\r\n`);
    const before = endpoint.sent.length;
    session.socket!.send(1, Buffer.from('abcd'));
    turn();
    expect(Buffer.from(endpoint.sent.slice(before), 'latin1').toString('hex')).toBe('81840403020165616165');
    clock.advanceBy(1100);
    expect(endpoint.sent.charCodeAt(before + 10)).toBe(0x89);
  });

  it('cut anywhere means the same', () => {
    const bytes = `${switched}\r\n${served(message('hello'))}`;
    for (let cut = 1; cut < bytes.length; cut++) {
      const { endpoint, events } = open();
      endpoint.arrive(bytes.slice(0, cut));
      endpoint.arrive(bytes.slice(cut));
      expect(events, `cut at ${cut}`).toEqual(['open', 'message hello']);
    }
  });

  it('knows when a server that goes away wants to see it again', () => {
    const { endpoint, session, events, turn } = open();
    endpoint.arrive(`${switched}\r\n`);
    expect(session.retryAfterMs).toBeNull();
    endpoint.arrive(served((engine) => engine.close(1001, 'retry-after-ms=2500')));
    expect(session.retryAfterMs).toBe(2500);
    turn();
    endpoint.end();
    expect(events.at(-1)).toBe('close peerClosed');
    expect(session.refusal).toBeNull();
  });
});

describe('a WebSocket that was open', () => {
  it('may be closed with the blame on us, which is a refusal', () => {
    const { endpoint, session } = open();
    endpoint.arrive(`${switched}\r\n${served((engine) => engine.close(1008, 'topicInvalid'))}`);
    expect(session.refusal).toEqual({ text: 'the server closed the WebSocket with 1008: topicInvalid', status: 1008, permanent: true });
  });
});

describe('an answer that does not', () => {
  it('is a refusal with status, problem detail and Retry-After; the handler never hears of it', () => {
    const { endpoint, session, events, closes, turn, wheel, pool } = open();
    const body = JSON.stringify({ title: 'Too Many', status: 429, detail: 'wait a little – please' });
    endpoint.arrive(`HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nRetry-After: 7\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
    endpoint.arrive(Buffer.from(body).toString('latin1'));
    expect(session.refusal).toEqual({ text: 'the server answered 429 Too Many Requests: wait a little – please', status: 429, permanent: false });
    expect(session.retryAfterMs).toBe(7000);
    turn();
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['refused']);
    expect(events).toEqual([]);
    expect(wheel.size).toBe(0);
    expect(pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
  });

  it('with a body that never ends is read to a limit', () => {
    const { endpoint, session, turn, closes } = open();
    endpoint.arrive('HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\n\r\n');
    for (let i = 0; i < 9; i++) endpoint.arrive('x'.repeat(1000));
    expect(session.refusal?.text).toMatch(/^the server answered 401 Unauthorized: x{200,}…$/);
    turn();
    endpoint.end();
    expect(closes).toEqual(['refused']);
  });

  it('that is not HTTP, or switches to something else, is told apart', () => {
    const strange = open();
    strange.endpoint.arrive('SSH-2.0-OpenSSH_9.9\r\n\r\n');
    expect(strange.session.refusal).toMatchObject({ status: null, permanent: false });
    expect(strange.session.refusal?.text).toMatch(/^the server's answer is not HTTP: /);
    const other = open();
    other.endpoint.arrive(`${switched.replace(accept, 'wrong')}\r\n`);
    expect(other.session.refusal).toMatchObject({ status: 101, permanent: true, text: expect.stringContaining('Sec-WebSocket-Accept') as string });
    expect(other.events).toEqual([]);
  });

  it.each(['HTTP/1.1 1', ''])('that is cut off is no refusal, nor is one that does not come: %j', (begun) => {
    const { endpoint, session, closes, turn } = open();
    if (begun !== '') endpoint.arrive(begun);
    endpoint.end();
    turn();
    expect(session.refusal).toBeNull();
    expect(closes).toEqual(['truncated']);
  });
});
