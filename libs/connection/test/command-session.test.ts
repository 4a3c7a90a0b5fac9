import { CommandEngine, encodeSharedMessage, type RequestHead } from '@sluice/command';
import type { SecureSession } from '@sluice/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandSession, type CloseReason, type CommandHandler } from '../src/index.ts';
import { stage, type StageOptions } from './support/stage.ts';

/** Answers what it is told to: `HOLD` waits for the test, `CRASH` throws, `NO` fails, `QUIT` ends; anything else is echoed. */
class TestHandler implements CommandHandler {
  readonly events: string[] = [];
  readonly held: string[] = [];
  verdict: string | null = null;
  failsOnDrain = false;

  admit(_session: CommandSession, secure: SecureSession | null): string | null {
    this.events.push(`admit ${secure === null ? 'clear' : secure.protocol}`);
    return this.verdict;
  }

  onOpen(): void {
    this.events.push('open');
  }

  onRequest(session: CommandSession, request: RequestHead, bytes: Uint8Array, start: number, end: number): void {
    const { command, sequence } = request;
    this.events.push(`${command} ${Buffer.from(bytes.subarray(start, end)).toString()}`.trim());
    if (command === 'HOLD') this.held.push(sequence);
    else if (command === 'CRASH') throw new Error('crashed');
    else if (command === 'NO') session.fail(sequence, 'Not today.');
    else session.reply(sequence, bytes, start, end);
    if (command === 'QUIT') session.connection.finish('served');
  }

  onWritable(): void {
    this.events.push('writable');
  }

  onDrain(session: CommandSession, reason: CloseReason): void {
    this.events.push(`drain ${reason}`);
    if (this.failsOnDrain) for (const sequence of this.held.splice(0)) session.fail(sequence, 'Too late.');
  }

  onClose(_session: CommandSession, reason: CloseReason): void {
    this.events.push(`close ${reason}`);
  }
}

interface Opening extends Partial<StageOptions<CommandSession>> {
  readonly handler?: TestHandler;
  readonly idleTimeoutMs?: number;
  readonly maxInFlight?: number;
}

function open({ handler = new TestHandler(), idleTimeoutMs = 1000, maxInFlight = 64, ...rest }: Opening = {}) {
  const staged = stage({
    session: (pool) => new CommandSession(new CommandEngine({ role: 'server', pool, limits: { maxInFlight } }), handler, { idleTimeoutMs, retryHint: () => 250 }),
    ...rest,
  });
  return { ...staged, handler };
}

const request = (command: string, sequence: number | string, body = '') =>
  `${command}\r\nSequence: ${sequence}\r\n${body === '' ? '' : `Size: ${body.length}\r\n`}\r\n${body}`;
const ok = (sequence: number | string, body = '') => `OK\r\nSequence: ${sequence}\r\nSize: ${body.length}\r\n\r\n${body}`;
const secure: SecureSession = { protocol: 'TLSv1.3', cipher: 'x', alpn: null, serverName: null, resumed: false, peerCertificate: null };
const bye = 'BYE: The gateway is stopping.\r\nRetry-After-Ms: 250\r\nSize: 0\r\n\r\n';

describe('The peer is judged', () => {
  it('at once where bytes go in the clear', () => {
    const { endpoint, handler, turn, connection } = open();
    expect(handler.events).toEqual(['admit clear', 'open']);
    turn();
    expect(endpoint.sent).toBe('OK\r\n');
    expect(connection.state.phase).toBe('established');
  });

  it('when the handshake is complete, and once', () => {
    const { endpoint, handler, turn, session, connection } = open({ handshaking: true });
    turn();
    expect([endpoint.sent, handler.events, connection.state.phase]).toEqual(['', [], 'handshake']);
    session.onSecure(secure);
    session.onSecure(secure);
    turn();
    expect([endpoint.sent, handler.events, connection.state.phase]).toEqual(['OK\r\n', ['admit TLSv1.3', 'open'], 'established']);
  });

  it('before any byte of it is looked at, also one that is here already', () => {
    const { endpoint, handler, turn, session } = open({ handshaking: true });
    endpoint.arrive(request('ECHO', 1, 'early'));
    expect([handler.events, endpoint.reading, session.engine.stateBytes]).toEqual([[], false, 0]);
    session.onSecure(secure);
    turn();
    expect(handler.events).toEqual(['admit TLSv1.3', 'open', 'ECHO early']);
    expect(endpoint.sent).toBe(`OK\r\n${ok(1, 'early')}`);
    expect(endpoint.reading).toBe(true);
  });

  it('and told what is wrong, in place of the greeting', () => {
    const handler = new TestHandler();
    handler.verdict = 'Certificate expired';
    const { endpoint, turn, session, closes } = open({ handler, handshaking: true });
    endpoint.arrive(request('ECHO', 1, 'early'));
    session.onSecure(secure);
    turn();
    expect([endpoint.sent, endpoint.isShutdown, endpoint.closed]).toEqual(['ERR: Certificate expired\r\n', true, null]);
    endpoint.arrive(request('ECHO', 2));
    endpoint.end();
    expect(closes).toEqual(['refused']);
    expect(handler.events).toEqual(['admit TLSv1.3', 'close refused']);
    expect(session.engine.stateBytes).toBe(0);
  });

  it('not at all once it was turned away, went away, or took too long', () => {
    for (const [end, sent, reason] of [
      [(one: ReturnType<typeof open>) => one.connection.reject('overload'), 'ERR: There are more connections than this server holds.\r\n', 'overload'],
      [(one: ReturnType<typeof open>) => one.endpoint.end(), '', 'peerClosed'],
      [(one: ReturnType<typeof open>) => one.clock.advanceBy(10_000), '', 'handshakeTimeout'],
    ] as const) {
      const staged = open({ handshaking: true });
      end(staged);
      staged.turn();
      staged.session.onSecure(secure);
      staged.turn();
      expect([staged.endpoint.sent, staged.connection.reason]).toEqual([sent, reason]);
      expect(staged.handler.events.filter((event) => event.startsWith('admit'))).toEqual([]);
    }
  });
});

describe('Requests', () => {
  it('come one by one or many in a packet, and are answered or failed', () => {
    const whole = request('ECHO', 1, 'one') + request('NO', 2) + request('ECHO', 3, 'three');
    for (const pieces of [[whole], [...whole]]) {
      const { endpoint, turn } = open();
      for (const piece of pieces) endpoint.arrive(piece);
      turn();
      expect(endpoint.sent).toBe(`OK\r\n${ok(1, 'one')}ERR: Not today.\r\nSequence: 2\r\nSize: 0\r\n\r\n${ok(3, 'three')}`);
    }
  });

  it('are answered in any order, later', () => {
    const { endpoint, turn, session } = open();
    endpoint.arrive(request('HOLD', 'a') + request('HOLD', 'b'));
    expect(session.reply('b')).toBe(true);
    expect(session.fail('a', 'no')).toBe(true);
    expect([session.reply('a'), session.fail('b', 'no')]).toEqual([false, false]);
    turn();
    expect(endpoint.sent).toBe(`OK\r\n${ok('b')}ERR: no\r\nSequence: a\r\nSize: 0\r\n\r\n`);
  });

  it('wait unread while too many are in flight, and nothing of them is lost', () => {
    const { endpoint, handler, session } = open({ maxInFlight: 2 });
    endpoint.arrive(request('HOLD', 1) + request('HOLD', 2) + request('ECHO', 3) + request('HOLD', 4) + request('ECHO', 5));
    expect([handler.held, endpoint.reading]).toEqual([['1', '2'], false]);
    session.reply('2');
    expect(handler.events.slice(2)).toEqual(['HOLD', 'HOLD', 'ECHO', 'HOLD']);
    expect(endpoint.reading).toBe(false);
    session.reply('1');
    expect(handler.events.at(-1)).toBe('ECHO');
    expect(endpoint.reading).toBe(true);
  });

  it('that break the protocol or a limit get ERR, and then nothing is looked at', () => {
    for (const [bytes, text, reason] of [
      ['PING\r\n\r\n', 'No Sequence was sent, but this is required, aborting.', 'protocolError'],
      [request('ECHO', 1, 'x'.repeat(8065)), 'The message is too large.', 'limitExceeded'],
    ] as const) {
      const { endpoint, handler, turn, closes } = open();
      endpoint.arrive(bytes);
      turn();
      endpoint.arrive(request('ECHO', 2));
      expect(endpoint.sent).toBe(`OK\r\nERR: ${text}\r\nSize: 0\r\n\r\n`);
      endpoint.end();
      expect([closes, handler.events]).toEqual([[reason], ['admit clear', 'open', `close ${reason}`]]);
    }
  });

  it('that the handler throws at end in ERR', () => {
    const { endpoint, turn, closes, crashes } = open();
    endpoint.arrive(request('CRASH', 1) + request('ECHO', 2));
    turn();
    expect(endpoint.sent).toBe('OK\r\nERR: Something went wrong in the gateway.\r\nSize: 0\r\n\r\n');
    endpoint.end();
    expect([closes, crashes.length]).toEqual([['internalError'], 1]);
  });
});

describe('The error', () => {
  it('reaches a peer whole that takes it slowly and keeps sending; never is the connection reset', () => {
    const { endpoint, turn, closes } = open();
    endpoint.capacity = 0;
    endpoint.arrive(request('ECHO', 1, 'y'.repeat(500)));
    endpoint.arrive('PING\r\n\r\n');
    turn();
    while (endpoint.queuedBytes > 0) {
      endpoint.arrive('more and more\r\n');
      expect(endpoint.isShutdown).toBe(false);
      endpoint.take(7);
    }
    expect(endpoint.sent.endsWith('ERR: No Sequence was sent, but this is required, aborting.\r\nSize: 0\r\n\r\n')).toBe(true);
    expect([endpoint.isShutdown, endpoint.closed]).toEqual([true, null]);
    endpoint.arrive('still more');
    endpoint.end();
    expect([endpoint.closed, closes]).toEqual(['close', ['protocolError']]);
  });
});

describe('Publications', () => {
  it('are queued by reference up to the window, with gaps between', () => {
    const { endpoint, pool, session, turn, handler } = open();
    turn();
    endpoint.capacity = 0;
    const message = encodeSharedMessage(pool, 'news', 1, null, Buffer.alloc(600, 'x'));
    expect([session.sendShared(message), session.sendShared(message)]).toEqual([true, false]);
    endpoint.take(Infinity);
    expect(handler.events).toContain('writable');
    session.sendGap('news', ['Missed', '1']);
    turn();
    expect(endpoint.sent.endsWith(`${'x'.repeat(600)}GAP news\r\nMissed: 1\r\nSize: 0\r\n\r\n`)).toBe(true);
    message.release();
    endpoint.gone();
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('go nowhere after the end', () => {
    const { endpoint, pool, session, connection, turn } = open();
    connection.drain();
    turn();
    const message = encodeSharedMessage(pool, 'news', 1, null, Buffer.from('x'));
    expect(session.sendShared(message)).toBe(true);
    session.sendGap('news', []);
    turn();
    message.release();
    expect(endpoint.sent).toBe(`OK\r\n${bye}`);
  });
});

describe('The end', () => {
  it('in the midst of a request leaves nothing to answer, and nothing behind', () => {
    const handler = new TestHandler();
    const { endpoint, connection, session, turn, crashes, pool } = open({ handler });
    handler.onRequest = (_session, { sequence }) => {
      connection.abort();
      handler.held.push(`${session.reply(sequence)} ${session.fail(sequence, 'Too late.')}`);
      session.sendGap('news', []);
    };
    endpoint.arrive(request('A', 1) + request('B', 2));
    turn();
    expect(handler.held).toEqual(['false false']);
    expect(crashes).toEqual([]);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('by draining comes behind the replies in progress, and no request is begun', () => {
    const { endpoint, connection, handler, session, turn, closes } = open();
    endpoint.arrive(request('HOLD', 1) + request('HOLD', 2));
    connection.drain();
    turn();
    endpoint.arrive(request('ECHO', 3));
    session.reply('2');
    turn();
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\n${ok(2)}`, false]);
    session.reply('1');
    turn();
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\n${ok(2)}${ok(1)}${bye}`, true]);
    endpoint.end();
    expect(closes).toEqual(['drained']);
    expect(handler.events.slice(2)).toEqual(['HOLD', 'HOLD', 'drain drained', 'close drained']);
  });

  it('by draining lets the handler give up what takes too long', () => {
    const handler = new TestHandler();
    handler.failsOnDrain = true;
    const { endpoint, connection, turn } = open({ handler });
    endpoint.arrive(request('HOLD', 1) + request('HOLD', 2));
    connection.drain();
    turn();
    const late = (sequence: number) => `ERR: Too late.\r\nSequence: ${sequence}\r\nSize: 0\r\n\r\n`;
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\n${late(1)}${late(2)}${bye}`, true]);
  });

  it('of our own, after a last reply, has no goodbye', () => {
    const { endpoint, turn, closes } = open();
    endpoint.arrive(request('QUIT', 1) + request('ECHO', 2));
    turn();
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\n${ok(1)}`, true]);
    endpoint.end();
    expect(closes).toEqual(['served']);
  });

  it('of the peer waits for the replies that are due', () => {
    const { endpoint, session, turn, closes, clock } = open();
    endpoint.arrive(request('HOLD', 1) + request('ECHO', 2));
    endpoint.end();
    turn();
    clock.advanceBy(60_000);
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\n${ok(2)}`, false]);
    session.reply('1');
    turn();
    expect(endpoint.sent).toBe(`OK\r\n${ok(2)}${ok(1)}`);
    expect(closes).toEqual(['peerClosed']);
  });

  it('of the peer within a message is told', () => {
    const { endpoint, turn, closes } = open();
    endpoint.arrive('PING\r\nSeq');
    endpoint.end();
    turn();
    expect(endpoint.sent).toBe('OK\r\nERR: The connection ended within a message.\r\nSize: 0\r\n\r\n');
    expect(closes).toEqual(['truncated']);
  });

  it.each([
    ['slowConsumer', 'Messages were not taken fast enough.'],
    ['limitExceeded', 'A limit was exceeded.'],
    ['internalError', 'Something went wrong in the gateway.'],
  ] as const)('by refusal for %s says why, and replies to come are not sent', (reason, text) => {
    const { endpoint, connection, session, turn } = open();
    endpoint.arrive(request('HOLD', 1));
    connection.reject(reason);
    expect(session.reply('1')).toBe(false);
    turn();
    expect([endpoint.sent, endpoint.isShutdown]).toEqual([`OK\r\nERR: ${text}\r\nSize: 0\r\n\r\n`, true]);
  });
});

describe('A silent peer', () => {
  const idle = 'BYE: Nothing was sent for too long.\r\nSize: 0\r\n\r\n';

  it('is told goodbye after one to two idle times', () => {
    const { endpoint, clock, turn, connection } = open({ idleTimeoutMs: 1000 });
    clock.advanceBy(1000);
    expect(endpoint.isShutdown).toBe(false);
    clock.advanceBy(1010);
    turn();
    expect([endpoint.sent, connection.reason]).toEqual([`OK\r\n${idle}`, 'idleTimeout']);
  });

  it('is none that sends PING, waits for a reply, or is sent something', () => {
    const { endpoint, clock, session, pool, turn } = open({ idleTimeoutMs: 1000 });
    for (let i = 0; i < 5; i++) {
      endpoint.arrive(request('PING', i));
      clock.advanceBy(900);
    }
    endpoint.arrive(request('HOLD', 'a'));
    clock.advanceBy(10_000);
    session.reply('a');
    for (let i = 0; i < 5; i++) {
      const message = encodeSharedMessage(pool, 'news', i, null, Buffer.from('x'));
      session.sendShared(message);
      message.release();
      clock.advanceBy(900);
    }
    turn();
    expect(endpoint.isShutdown).toBe(false);
    clock.advanceBy(2010);
    turn();
    expect(endpoint.sent.endsWith(idle)).toBe(true);
  });

  it('is kept where the idle time is 0', () => {
    const { endpoint, clock } = open({ idleTimeoutMs: 0 });
    clock.advanceBy(3_600_000);
    expect(endpoint.isShutdown).toBe(false);
  });
});

describe('Whatever the pieces, the order of replies and the pace of the peer', () => {
  const asked = fc.record({ isHeld: fc.boolean(), body: fc.string({ maxLength: 300, unit: fc.constantFrom('x', '\r', '\n', ' ') }) });

  it('each request gets its reply, whole and once, and then the end comes', () => {
    fc.assert(
      fc.property(
        fc.array(asked, { maxLength: 25 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (requests, sizes, choices, maxInFlight) => {
          const { endpoint, handler, session, turn, pool, closes, crashes, host } = open({ maxInFlight });
          endpoint.capacity = 0;
          let rest = requests.map(({ isHeld, body }, at) => request(isHeld ? 'HOLD' : 'ECHO', at, body)).join('');
          let ended = false;
          for (let round = 0; closes.length === 0; round++) {
            if (round > 5000) throw new Error('no end');
            const size = sizes[round % sizes.length]!;
            const choice = choices[round % choices.length]!;
            if (choice === 0 && endpoint.queuedBytes > 0) {
              endpoint.take(size);
            } else if (choice === 1 && handler.held.length > 0) {
              const [sequence] = handler.held.splice(size % handler.held.length, 1);
              session.reply(sequence!, Buffer.from(requests[Number(sequence)]!.body, 'latin1'));
            } else if (endpoint.reading && rest !== '') {
              endpoint.arrive(rest.slice(0, size));
              rest = rest.slice(size);
            } else if (endpoint.reading && !ended) {
              ended = true;
              endpoint.end();
            } else {
              endpoint.take(size);
              const sequence = handler.held.shift();
              if (sequence !== undefined) session.reply(sequence, Buffer.from(requests[Number(sequence)]!.body, 'latin1'));
            }
            turn();
            expect(session.connection.queuedBytes).toBeLessThanOrEqual(host.windows.outboundBytes + maxInFlight * 400);
            expect(session.engine.inFlight).toBeLessThanOrEqual(maxInFlight);
          }
          let received = endpoint.sent.slice('OK\r\n'.length);
          const seen = new Set<number>();
          while (received !== '') {
            const sequence = Number(/^OK\r\nSequence: (\d+)\r\n/.exec(received)![1]);
            const whole = ok(sequence, requests[sequence]!.body);
            expect(received.slice(0, whole.length)).toBe(whole);
            expect(seen.has(sequence)).toBe(false);
            seen.add(sequence);
            received = received.slice(whole.length);
          }
          expect([seen.size, closes, crashes, pool.outstanding().bytes]).toEqual([requests.length, ['peerClosed'], [], 0]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
