import { Pool } from '@sluice/brigade';
import { Http1Engine } from '@sluice/http1';
import { describe, expect, it } from 'vitest';
import { HttpSession, type HttpExchange, type HttpHandler } from '../src/index.ts';
import { LineSession } from './support/line-session.ts';
import { stage } from './support/stage.ts';

/** Answers at once, unless the path says otherwise: `/later`, `/body`, `/crash`, `/upgrade`, `/stream`. */
class TestHandler implements HttpHandler {
  readonly waiting: HttpExchange[] = [];
  readonly replied: string[] = [];
  readonly bodies: string[] = [];

  onRequest(exchange: HttpExchange): void {
    const path = exchange.head.path;
    if (path === '/later') {
      this.waiting.push(exchange);
    } else if (path === '/crash') {
      throw new Error('crashed');
    } else if (path === '/body') {
      let body = '';
      exchange.body = {
        onData: (bytes, start, end) => void (body += Buffer.from(bytes.subarray(start, end)).toString('latin1')),
        onEnd: () => {
          this.bodies.push(body);
          exchange.reply(200, [], Buffer.from(`got ${body.length}`));
        },
      };
    } else if (path === '/upgrade') {
      exchange.upgrade('line', [], () => new LineSession(new Pool('upgraded')));
    } else {
      exchange.reply(200, ['Content-Type', 'text/plain'], Buffer.from(path));
    }
  }

  onReplied(exchange: HttpExchange, error: Error | null): void {
    this.replied.push(`${exchange.method} ${exchange.target} ${exchange.status} ${error === null ? 'ok' : error.message}`);
  }

  errorReply(status: number, detail: string) {
    return { headers: ['Content-Type', 'text/plain'], body: Buffer.from(`${status} ${detail}`) };
  }
}

function open(settings: { maxRequests?: number; keepAliveTimeoutMs?: number } = {}) {
  const handler = new TestHandler();
  const { maxRequests, keepAliveTimeoutMs = 1000 } = settings;
  const staged = stage({
    session: (pool) => {
      const limits = maxRequests === undefined ? {} : { maxRequests };
      return new HttpSession(new Http1Engine({ role: 'server', pool, limits }), handler, { keepAliveTimeoutMs });
    },
  });
  return { ...staged, handler };
}

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const bodiesOf = (sent: string): string[] => sent.split(/HTTP\/1\.1 \d+ [^]*?\r\n\r\n/).slice(1);

describe('requests and replies', () => {
  it('answers three requests of one packet in order, and reports each when its bytes are gone', () => {
    const { endpoint, turn, handler } = open();
    endpoint.arrive(get('/1') + get('/2') + get('/3'));
    turn();
    expect(bodiesOf(endpoint.sent)).toEqual(['/1', '/2', '/3']);
    expect(handler.replied).toEqual(['GET /1 200 ok', 'GET /2 200 ok', 'GET /3 200 ok']);
  });

  it('looks at no further request before the reply to the one before, and stops reading when more comes', () => {
    const { endpoint, turn, handler, connection } = open();
    endpoint.arrive(get('/later'));
    expect(endpoint.reading).toBe(true);
    endpoint.arrive(get('/after'));
    expect(endpoint.reading).toBe(false);
    expect(handler.waiting).toHaveLength(1);
    handler.waiting[0]!.reply(200, [], Buffer.from('late'));
    turn();
    expect(bodiesOf(endpoint.sent)).toEqual(['late', '/after']);
    expect(endpoint.reading).toBe(true);
    expect(connection.state.phase).toBe('established');
  });

  it('gives the body as it comes, and asks for it where the client waits', () => {
    const { endpoint, turn, handler } = open();
    endpoint.arrive('POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n');
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 100 /);
    endpoint.arrive('abc');
    endpoint.arrive('def');
    turn();
    expect(handler.bodies).toEqual(['abcdef']);
    expect(endpoint.sent).toContain('got 6');
  });

  it('asks for no body of a request whose connection has been aborted meanwhile', () => {
    const { endpoint, turn, handler, crashes, pool } = open();
    handler.onRequest = (exchange) => {
      exchange.body = { onData() {}, onEnd() {} };
      exchange.session.connection.abort();
    };
    endpoint.arrive('POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n');
    turn();
    expect([endpoint.sent, crashes]).toEqual(['', []]);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('closes with the reply that is the last', () => {
    const { endpoint, turn, closes } = open({ maxRequests: 2 });
    endpoint.arrive(get('/1') + get('/2') + get('/3'));
    turn();
    expect(bodiesOf(endpoint.sent)).toEqual(['/1', '/2']);
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['served']);
  });

  it('answers a request that came before FIN', () => {
    const { endpoint, turn, closes, handler } = open();
    endpoint.arrive(get('/later'));
    endpoint.end();
    handler.waiting[0]!.reply(200, [], Buffer.from('still'));
    turn();
    expect(endpoint.sent).toContain('still');
    expect(endpoint.isShutdown).toBe(true);
    expect(closes).toEqual(['peerClosed']);
  });
});

describe('what goes wrong', () => {
  it('answers what is not HTTP, and lets the peer read it', () => {
    const { endpoint, turn, closes } = open();
    endpoint.arrive('nonsense\r\n\r\n');
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 400 [^]*Connection: close/);
    endpoint.arrive('more nonsense');
    endpoint.end();
    expect(closes).toEqual(['protocolError']);
  });

  it('answers a head that is too large as a limit', () => {
    const { endpoint, turn, closes } = open();
    endpoint.arrive(`GET /${'x'.repeat(9000)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    turn();
    endpoint.end();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 414 /);
    expect(closes).toEqual(['limitExceeded']);
  });

  it('answers 500 when the handler fails, and reports the exchange as failed', () => {
    const { endpoint, turn, closes, handler, crashes } = open();
    endpoint.arrive(get('/crash'));
    turn();
    endpoint.end();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 500 /);
    expect(crashes).toHaveLength(1);
    expect(closes).toEqual(['internalError']);
    expect(handler.replied).toHaveLength(1);
  });

  it.each(['G', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r\nHost: h\r\n', 'GET / HTTP/1.1\r\nHost'])('answers 408 when %j came behind a request, and nothing more', (beginning) => {
    const { endpoint, clock, turn } = open({ keepAliveTimeoutMs: 600_000 });
    endpoint.arrive(`${get('/a')}${beginning}`);
    turn();
    clock.advanceBy(30_000);
    turn();
    expect(bodiesOf(endpoint.sent)).toHaveLength(2);
    expect(endpoint.sent).toMatch(/HTTP\/1\.1 408 /);
  });

  it('do not await another one when nothing more has come', () => {
    const { connection, endpoint, turn } = open();
    endpoint.arrive(get('/a'));
    turn();
    expect(connection.armedTimers().map(({ name }) => name)).toEqual(['idle']);
  });

  it('answers 408 when a request does not become complete', () => {
    const { endpoint, clock, turn } = open();
    endpoint.arrive(get('/first'));
    endpoint.arrive('POST /body HTTP/1.1\r\nHost: h\r\nContent-Length: 600\r\n\r\nabc');
    clock.advanceBy(31_000);
    turn();
    expect(endpoint.sent).toMatch(/HTTP\/1\.1 408 /);
  });

  it.each([
    ['nothing', ''],
    ['half a request line', 'GET /'],
    ['half a head', 'GET / HTTP/1.1\r\nHost: h\r\nX-Slow'],
  ])('answers 408 when %s is all that comes', (_what, text) => {
    const { endpoint, clock, turn, closes } = open();
    if (text !== '') endpoint.arrive(text);
    clock.advanceBy(11_000);
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*Connection: close\r\n\r\n./);
    endpoint.end();
    expect(closes).toEqual(['handshakeTimeout']);
  });

  it('reports the status that the peer got instead of a reply', () => {
    const { endpoint, turn, handler } = open();
    endpoint.arrive('POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n');
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 400 /);
    expect(handler.replied).toEqual(['POST /body 400 invalidChunkSize']);
  });

  it.each([
    ['overload', '503 Service Unavailable'],
    ['rateLimited', '429 Too Many Requests'],
  ] as const)('answers who is turned away (%s) with %s, before a request has come', (reason, status) => {
    const { endpoint, connection, turn, closes } = open();
    connection.reject(reason);
    turn();
    expect(endpoint.sent).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\\r\\n[^]*\\r\\n\\r\\n.`));
    endpoint.end();
    expect(closes).toEqual([reason]);
  });

  it('tells an exchange whose connection goes, once', () => {
    const { endpoint, handler } = open();
    endpoint.arrive(get('/later'));
    let aborted = 0;
    handler.waiting[0]!.onAbort = () => void aborted++;
    endpoint.gone();
    expect(aborted).toBe(1);
    expect(handler.replied).toEqual(['GET /later 0 peerClosed']);
    expect(handler.waiting[0]!.isOpen).toBe(false);
  });
});

describe('the end of a connection', () => {
  it('closes a connection that is kept alive and quiet', () => {
    const { endpoint, clock, closes } = open();
    endpoint.arrive(get('/1'));
    clock.advanceBy(1100);
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['idleTimeout']);
  });

  it('does not take a client for idle that waits for its reply', () => {
    const { endpoint, clock, closes, handler } = open();
    endpoint.arrive(get('/later'));
    clock.advanceBy(5000);
    expect(closes).toEqual([]);
    handler.waiting[0]!.reply(204, []);
    clock.advanceBy(1100);
    endpoint.end();
    expect(closes).toEqual(['idleTimeout']);
  });

  it('finishes the reply in progress when it is drained, and says that it was the last', () => {
    const { endpoint, connection, turn, handler, closes } = open();
    endpoint.arrive(get('/later'));
    connection.drain();
    turn();
    expect(endpoint.isShutdown).toBe(false);
    handler.waiting[0]!.reply(200, [], Buffer.from('done'));
    turn();
    expect(endpoint.sent).toMatch(/Connection: close[^]*done$/);
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['drained']);
  });

  it('tells the next session of a FIN that came before it', () => {
    const { endpoint, turn, handler, closes } = open();
    endpoint.arrive(get('/later'));
    endpoint.end();
    turn();
    handler.waiting[0]!.takeOver(() => new LineSession(new Pool('taken over')));
    turn();
    expect(endpoint.isShutdown).toBe(true);
    endpoint.gone();
    expect(closes).toEqual(['peerClosed']);
  });

  it('says the goodbye of the next session where it was drained before', () => {
    const { endpoint, connection, turn } = open();
    endpoint.arrive(get('/upgrade', 'Connection: Upgrade\r\nUpgrade: line\r\nContent-Length: 1\r\n'));
    connection.drain();
    endpoint.arrive('x');
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nBYE\n$/);
    expect(endpoint.isShutdown).toBe(true);
  });

  it('hands the connection and its leftover bytes to the next session', () => {
    const { endpoint, connection, turn } = open();
    endpoint.arrive(get('/upgrade', 'Connection: Upgrade\r\nUpgrade: line\r\n') + 'hello\n');
    turn();
    expect(endpoint.sent).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nHELLO\n$/);
    expect(connection.session.protocol).toBe('line');
    endpoint.arrive('again\n');
    turn();
    expect(endpoint.sent).toMatch(/AGAIN\n$/);
  });
});
