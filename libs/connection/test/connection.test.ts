import { TransportError } from '@sluice/transport';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';

const open = (options: Omit<StageOptions<LineSession>, 'session'> = {}) =>
  stage({ ...options, session: (pool) => new LineSession(pool) });

describe('reading and writing', () => {
  it('hands bytes to the session and its output to the endpoint, once per turn', () => {
    const { endpoint, turn } = open();
    endpoint.arrive('hello\none\n');
    endpoint.arrive('two\n');
    expect(endpoint.sent).toBe('');
    turn();
    expect(endpoint.sent).toBe('HELLO\nONE\nTWO\n');
    expect(endpoint.writes).toHaveLength(1);
  });

  it('gives the same events for any chunking', () => {
    const text = 'hello\nalpha\nbeta\ngamma\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (sizes) => {
        const { endpoint, session, turn } = open();
        let at = 0;
        for (const size of [...sizes, text.length]) {
          if (at >= text.length) break;
          endpoint.arrive(text.slice(at, at + size));
          at += size;
        }
        turn();
        expect(session.events).toEqual(['hello', 'alpha', 'beta', 'gamma']);
        expect(endpoint.sent).toBe('HELLO\nALPHA\nBETA\nGAMMA\n');
      }),
    );
  });

  it('reads a leftover before anything else', () => {
    const { session } = open({ leftover: Buffer.from('hello\nfirst\n') });
    expect(session.events).toEqual(['hello', 'first']);
  });

  it('hands over early what reaches the coalescing bound', () => {
    const { endpoint } = open();
    endpoint.arrive('hello\nbig 150\n');
    expect(endpoint.sent.length).toBe(6 + 150);
  });
});

describe('the windows', () => {
  it('stops at once when the outbound window is full: frames already received wait, in order', () => {
    const { endpoint, session, connection, turn } = open();
    endpoint.arrive('hello\n');
    turn();
    endpoint.capacity = 0;
    endpoint.arrive(`big 600\nbig 600\n${'more\n'.repeat(100)}`);
    expect(connection.state.label).toContain('choked');
    expect(endpoint.reading).toBe(false);
    expect(connection.writeAllowance()).toBe(0);
    const before = session.events.length;
    turn();
    expect(session.events).toHaveLength(before);
    endpoint.take(Infinity);
    turn();
    expect(session.events.filter((event) => event === 'more')).toHaveLength(100);
    expect(connection.state.label).toContain('outbound.clear');
    expect(endpoint.reading).toBe(true);
    expect(endpoint.sent.endsWith('MORE\n')).toBe(true);
  });

  it('reads nothing more while the session is blocked, and goes on where it was', () => {
    const { endpoint, session, connection, turn } = open();
    endpoint.arrive('hello\nwait\nafter\n');
    expect(session.events).toEqual(['hello', 'wait']);
    expect(endpoint.reading).toBe(false);
    expect(connection.state.label).toBe('established(inbound.quenched outbound.clear)');
    session.unblock();
    turn();
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
    expect(session.events).toEqual(['hello', 'wait', 'after']);
    expect(endpoint.reading).toBe(true);
  });

  it('keeps the window law under random schedules', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('arrive' as const), lines: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 8 }) }),
      fc.record({ type: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 2000 }) }),
      fc.record({ type: fc.constant('turn' as const) }),
      fc.record({ type: fc.constant('stall' as const) }),
    );
    const largest = 400;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { endpoint, session, connection, turn, host } = open();
        endpoint.arrive('hello\n');
        let asked = 0;
        for (const step of actions) {
          if (step.type === 'arrive' && endpoint.reading) {
            endpoint.arrive(step.lines.map((bytes) => `big ${bytes}\n`).join(''));
            asked += step.lines.reduce((sum, bytes) => sum + bytes, 0);
          } else if (step.type === 'take') {
            if (endpoint.capacity === Infinity) endpoint.capacity = 0;
            endpoint.take(step.bytes);
          } else if (step.type === 'turn') {
            turn();
          } else if (step.type === 'stall') {
            endpoint.capacity = 0;
          }
          // wantRead ⇔ nothing is unread and the chart does not pause
          expect(endpoint.reading).toBe(session.heldBytes === 0 && !connection.state.paused);
          // outbound full ⇒ choked, and bounded by the window plus what one coalesced flush and one message may add
          if (endpoint.queuedBytes >= host.windows.outboundBytes) expect(connection.state.label).toContain('choked');
          expect(connection.queuedBytes).toBeLessThanOrEqual(host.windows.outboundBytes + host.windows.coalesceBytes + largest);
        }
        endpoint.take(Infinity);
        for (let i = 0; i < 100; i++) turn();
        expect(endpoint.sent.length).toBe(6 + asked);
        expect(endpoint.reading).toBe(true);
      }),
    );
  });

  it('admits what fits, and one message larger than the window when nothing waits', () => {
    const { endpoint, connection, session } = open();
    expect(connection.admit(1000)).toBe(true);
    expect(connection.admit(5000)).toBe(true);
    endpoint.capacity = 0;
    session.say('x'.repeat(99));
    expect(connection.admit(900)).toBe(true);
    expect(connection.admit(901)).toBe(false);
    expect(connection.admit(5000)).toBe(false);
  });
});

it('notices a slow peer also while the session is blocked', () => {
  const { endpoint, session, connection } = open();
  endpoint.arrive('hello\n');
  endpoint.capacity = 0;
  endpoint.arrive('wait\nmore\n');
  session.say('x'.repeat(1200));
  connection.flush();
  expect(connection.state.label).toBe('established(inbound.quenched outbound.choked)');
  session.unblock();
  expect(connection.state.label).toBe('established(inbound.flowing outbound.choked)');
  expect(session.events).not.toContain('more');
});

describe('ending in good order', () => {
  it('handles what waited while the connection was held up: the peer may have said goodbye behind it', () => {
    const { endpoint, connection, session, turn } = open();
    endpoint.arrive('hello\n');
    session.say = (text) => {
      connection.quench();
      session.output.writeLatin1(`${text}\n`);
    };
    endpoint.arrive('one\ntwo\n');
    turn();
    expect(session.events).toEqual(['hello', 'one']);
    connection.finish('served');
    turn();
    expect(session.events).toEqual(['hello', 'one', '(drain served)', 'two']);
    expect(endpoint.reading).toBe(true);
  });

  it('flushes, sends FIN, waits for the peer’s and closes', () => {
    const { endpoint, connection, turn, closes, session, pool, wheel } = open();
    endpoint.arrive('hello\nquit\n');
    turn();
    expect(endpoint.sent).toBe('HELLO\n');
    expect(endpoint.isShutdown).toBe(true);
    expect(connection.state.label).toBe('draining.lingering');
    endpoint.arrive('ignored\n');
    endpoint.end();
    expect(endpoint.closed).toBe('close');
    expect(closes).toEqual(['served']);
    expect(session.events.at(-1)).toBe('(end served)');
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(wheel.size).toBe(0);
  });

  it('says goodbye when it is drained, also while the peer is slow', () => {
    const { endpoint, connection, turn, closes } = open();
    endpoint.arrive('hello\n');
    turn();
    endpoint.capacity = 0;
    endpoint.arrive('big 1500\n');
    turn();
    expect(connection.state.label).toContain('choked');
    connection.drain();
    turn();
    expect(endpoint.isShutdown).toBe(false);
    endpoint.take(Infinity);
    turn();
    expect(endpoint.sent.endsWith('BYE\n')).toBe(true);
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(closes).toEqual(['drained']);
  });

  it('finishes what is in progress first', () => {
    const { endpoint, connection, session, turn } = open();
    endpoint.arrive('hello\nwait\n');
    connection.drain();
    turn();
    expect(endpoint.isShutdown).toBe(false);
    connection.done();
    turn();
    expect(endpoint.isShutdown).toBe(true);
    expect(session.events).toContain('(drain drained)');
  });

  it('takes FIN between messages for the peer’s own end, and in the middle for a truncation', () => {
    const whole = open();
    whole.endpoint.arrive('hello\n');
    whole.endpoint.end();
    whole.turn();
    expect(whole.closes).toEqual(['peerClosed']);
    expect(whole.endpoint.sent).toBe('HELLO\n');
    const cut = open();
    cut.endpoint.arrive('hello\nhalf a li');
    cut.endpoint.end();
    cut.turn();
    expect(cut.closes).toEqual(['truncated']);
  });

  it('resets a peer that does not finish closing', () => {
    const { endpoint, connection, clock, closes } = open({ timeouts: { closeTimeoutMs: 500 } });
    endpoint.arrive('hello\n');
    connection.drain();
    clock.advanceBy(600);
    expect(endpoint.closed).toBe('abort');
    expect(closes).toEqual(['drained']);
  });
});

describe('write and abort', () => {
  it('delivers the whole error while the peer keeps sending, then FIN, never RST', () => {
    const { endpoint, session, turn, closes } = open();
    endpoint.arrive('hello\n');
    turn();
    endpoint.capacity = 3;
    endpoint.arrive('bad\nmore\n');
    turn();
    for (let i = 0; i < 10; i++) {
      expect(endpoint.reading).toBe(true);
      endpoint.arrive('and more\n');
      endpoint.take(1);
    }
    turn();
    expect(endpoint.sent).toBe('HELLO\nERR bad\n');
    expect(endpoint.isShutdown).toBe(true);
    expect(endpoint.closed).toBe(null);
    expect(session.events).not.toContain('more');
    endpoint.end();
    expect(endpoint.closed).toBe('close');
    expect(closes).toEqual(['protocolError']);
  });

  it('tells the peer of a crash, and nobody else notices', () => {
    const one = open();
    const other = open();
    one.endpoint.arrive('hello\ncrash\n');
    one.turn();
    expect(one.endpoint.sent).toBe('HELLO\nERR internalError\n');
    expect(one.crashes).toHaveLength(1);
    one.endpoint.end();
    expect(one.closes).toEqual(['internalError']);
    other.endpoint.arrive('hello\n');
    other.turn();
    expect(other.endpoint.sent).toBe('HELLO\n');
  });

  it('rejects with the protocol’s own answer', () => {
    const { endpoint, connection, turn, closes } = open();
    connection.reject('overload');
    turn();
    expect(endpoint.sent).toBe('ERR overload\n');
    endpoint.end();
    expect(closes).toEqual(['overload']);
  });
});

describe('deadlines', () => {
  it('answers a greeting that does not come', () => {
    const { endpoint, clock } = open({ timeouts: { handshakeTimeoutMs: 300 } });
    endpoint.arrive('not yet');
    clock.advanceBy(400);
    expect(endpoint.sent).toBe('ERR handshakeTimeout\n');
  });

  it('probes a quiet peer, and ends when nothing comes of it', () => {
    const { endpoint, clock, session, closes } = open();
    endpoint.arrive('hello\n');
    clock.advanceBy(900);
    endpoint.arrive('still\n');
    clock.advanceBy(900);
    expect(session.probes).toBe(0);
    clock.advanceBy(200);
    expect(session.probes).toBe(1);
    clock.advanceBy(1100);
    expect(endpoint.sent).toBe('HELLO\nSTILL\nPING\nBYE\n');
    endpoint.end();
    expect(closes).toEqual(['idleTimeout']);
  });

  it('caps the age of a connection, however busy', () => {
    const { endpoint, clock, closes } = open({ timeouts: { sustainTimeoutMs: 2000 } });
    endpoint.arrive('hello\n');
    for (let i = 0; i < 25 && endpoint.reading && !endpoint.isShutdown; i++) {
      endpoint.arrive('busy\n');
      clock.advanceBy(100);
    }
    endpoint.end();
    expect(closes).toEqual(['sustainTimeout']);
  });

  it('has only idle armed when it is established and quiet', () => {
    const { endpoint, wheel } = open();
    endpoint.arrive('hello\n');
    expect(wheel.size).toBe(1);
  });
});

describe('a transport that goes', () => {
  it('closes with transportError, and releases everything', () => {
    const { endpoint, turn, closes, pool, wheel, connection } = open();
    endpoint.arrive('hello\nbig 5000\n');
    endpoint.gone(new TransportError('read', 'connectionReset', 'ECONNRESET'));
    turn();
    expect(closes).toEqual(['transportError']);
    expect(connection.failure?.code).toBe('ECONNRESET');
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(wheel.size).toBe(0);
    expect(connection.state.phase).toBe('closed');
  });

  it('is told once, whatever comes after', () => {
    const { endpoint, connection, closes, steps } = open();
    connection.abort();
    connection.abort();
    connection.drain();
    connection.reject('overload');
    endpoint.gone();
    expect(closes).toEqual(['aborted']);
    expect(steps.filter((step) => step.includes('closed'))).toHaveLength(1);
  });
});

describe('a transport, or a session, that throws', () => {
  const fault = new Error('injected');
  const thrower = (): never => {
    throw fault;
  };

  it('is no exception of the turn: the connection ends, and others in the same turn are flushed', () => {
    const { endpoint, host, turn, crashes, closes, connection, clock } = open();
    endpoint.arrive('hello\n');
    let flushed = 0;
    host.turn.add({ flush: () => void flushed++ });
    endpoint.write = thrower;
    turn();
    expect(flushed).toBe(1);
    expect(crashes[0]).toBe(fault);
    expect(connection.reason).toBe('internalError');
    clock.advanceBy(20_000);
    expect(closes).toEqual(['internalError']);
  });

  it('cannot keep it from closing', () => {
    const { endpoint, connection, session, crashes, closes, wheel, pool } = open();
    endpoint.arrive('hello\n');
    endpoint.abort = thrower;
    session.end = thrower;
    connection.abort();
    expect(closes).toEqual(['aborted']);
    expect(crashes.length).toBeGreaterThan(0);
    expect(wheel.size).toBe(0);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('may be told of from outside: the peer gets the error text', () => {
    const { endpoint, connection, turn, crashes } = open();
    endpoint.arrive('hello\n');
    connection.crash(fault);
    turn();
    expect(crashes).toEqual([fault]);
    expect(connection.state.phase).toBe('writeAndAbort');
    expect(endpoint.isShutdown).toBe(true);
  });
});

describe('an observer that throws', () => {
  it('costs the connection nothing, and hears of it', () => {
    const { endpoint, host, turn, crashes, closes } = open();
    const fault = new Error('it looked too long');
    host.observer.onStep = () => {
      throw fault;
    };
    endpoint.arrive('hello\nmore\n');
    turn();
    expect(endpoint.sent).toBe('HELLO\nMORE\n');
    expect(endpoint.reading).toBe(true);
    endpoint.gone();
    expect(closes).toEqual(['peerClosed']);
    expect(new Set(crashes)).toEqual(new Set([fault]));
  });
});

describe('as an XState actor', () => {
  it('tells subscribers each snapshot until they leave', () => {
    const { endpoint, connection } = open();
    const seen: unknown[] = [];
    const subscription = connection.subscribe((snapshot) => void seen.push(snapshot.value));
    endpoint.arrive('hello\n');
    subscription.unsubscribe();
    connection.abort();
    expect(seen).toEqual([{ established: { inbound: 'flowing', outbound: 'clear' } }]);
    expect(connection.getSnapshot().value).toBe('closed');
    expect(connection.sessionId).toMatch(/^connection:\d+$/);
  });
});
