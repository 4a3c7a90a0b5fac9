import { makeSent, shareBytes, type Pool } from '@sluice/brigade';
import { Http1Engine } from '@sluice/http1';
import { expect, it } from 'vitest';
import { HttpSession, type HttpExchange } from '../src/index.ts';
import { stage } from './support/stage.ts';

function serve(onRequest: (exchange: HttpExchange, pool: Pool) => void) {
  let memory!: Pool;
  const staged = stage({
    session: (pool) => {
      memory = pool;
      const handler = {
        onRequest: (exchange: HttpExchange) => onRequest(exchange, memory),
        onReplied: () => {},
        errorReply: () => ({ headers: [], body: new Uint8Array(0) }),
      };
      return new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 0 });
    },
  });
  staged.endpoint.arrive('GET /x HTTP/1.1\r\nHost: h\r\n\r\n');
  staged.turn();
  return staged;
}

it('replies whole, with the extra headers every reply gets', () => {
  const { endpoint } = serve((exchange) => {
    exchange.extraHeaders = ['Vary', 'Origin'];
    exchange.reply(201, ['Content-Type', 'text/plain'], Buffer.from('made'));
    expect(exchange).toMatchObject({ method: 'GET', target: '/x', status: 201, bytesOut: 4, isOpen: false });
  });
  expect(endpoint.sent).toMatch(/^HTTP\/1\.1 201 Created\r\nContent-Type: text\/plain\r\nVary: Origin\r\nContent-Length: 4\r\n\r\nmade$/);
});

it('streams with the chunked coding where the length is not known', () => {
  const { endpoint } = serve((exchange) => {
    exchange.begin(200, []);
    exchange.write(Buffer.from('xabcx'), 1, 4);
    exchange.end();
  });
  expect(endpoint.sent).toMatch(/Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
});

it('sends shared bytes by reference, and gives them back', () => {
  const { endpoint, pool } = serve((exchange, memory) => {
    const shared = shareBytes(memory, Buffer.from('shared'));
    exchange.begin(200, [], 6);
    exchange.writeBucket(shared);
    exchange.end();
    expect(exchange.bytesOut).toBe(6);
  });
  expect(endpoint.sent).toMatch(/shared$/);
  expect(pool.outstanding().bytes).toBe(0);
});

it('may be ended once', () => {
  const order: string[] = [];
  serve((exchange) => {
    exchange.reply(204, []);
    exchange.session.output.append(makeSent(() => void order.push('sent')));
    exchange.end();
  });
  expect(order).toEqual(['sent']);
});
