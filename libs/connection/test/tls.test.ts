// The life of a connection whose endpoint encrypts: the handshake is a phase of its own, and how TLS ends has reasons of its own.

import { Pool } from '@sluice/brigade';
import { TransportError, type SecureSession } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';
import { Wire, nothingHeld, type WireOptions } from './support/wire.ts';

/** Notes when TLS was through. */
class SecureLineSession extends LineSession {
  refuses = false;

  onSecure(secure: SecureSession): void {
    this.events.push(`(secure ${secure.protocol})`);
    if (!this.refuses) return;
    this.say('ERR not you');
    this.connection.fail('refused');
  }
}

const wire = (options: Omit<WireOptions<SecureLineSession>, 'session'> = {}) =>
  new Wire({ secure: true, ...options, session: (pool: Pool) => new SecureLineSession(pool) });

const scripted = (options: Omit<StageOptions<SecureLineSession>, 'session'> = {}) =>
  stage({ handshaking: true, ...options, session: (pool) => new SecureLineSession(pool) });

async function established(options: Omit<WireOptions<SecureLineSession>, 'session'> = {}) {
  const one = wire(options);
  one.peer.send('hello\n');
  await one.until(() => one.peer.text === 'HELLO\n');
  return one;
}

describe('the handshake', () => {
  it('is told to the session once, before any byte, and what was agreed on is the endpoint’s', async () => {
    const { session, connection, peer } = await established();
    expect(session.events.slice(0, 2)).toEqual(['(secure TLSv1.3)', 'hello']);
    expect(connection.endpoint.secureSession).toMatchObject({ protocol: 'TLSv1.3', resumed: false });
    expect(peer.secure).not.toBe(null);
    expect(connection.state.label).toBe('established(inbound.flowing outbound.clear)');
  });

  it('belongs to the chart’s handshake: nothing is established by it alone', async () => {
    const one = wire();
    await one.until(() => one.session.events.length > 0);
    expect(one.connection.state.label).toBe('handshake');
    expect(one.connection.armedTimers().map(({ name }) => name)).toEqual(['handshake']);
  });

  it('lets the session turn the peer away before it has said anything', async () => {
    const one = wire();
    one.session.refuses = true;
    one.peer.send('hello\n');
    await one.until(() => one.peer.ended);
    expect(one.peer.text).toBe('ERR not you\n');
    expect(one.session.events).not.toContain('hello');
    one.peer.endpoint.shutdown();
    await one.settle();
    expect(one.closes).toEqual(['refused']);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('that takes too long is ended at once: nothing can be said to a peer without keys', async () => {
    const one = wire({ rawPeer: true, timeouts: { handshakeTimeoutMs: 500 } });
    await one.pass(490);
    expect(one.closes).toEqual([]);
    await one.pass(20);
    expect(one.closes).toEqual(['handshakeTimeout']);
    expect(one.session.events).toEqual(['(end handshakeTimeout)']);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it.each([
    ['the age limit', { sustainTimeoutMs: 300 }, () => {}, 'sustainTimeout'],
    ['a drain', {}, (one: ReturnType<typeof wire>) => one.connection.drain(), 'drained'],
  ] as const)('is given up at once by %s', async (_name, timeouts, act, reason) => {
    const one = wire({ rawPeer: true, timeouts });
    act(one);
    await one.pass(310);
    expect(one.closes).toEqual([reason]);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('goes on for a peer that is turned away for lack of room: it is told', async () => {
    const one = wire();
    one.connection.reject('overload');
    await one.until(() => one.peer.ended);
    expect(one.peer.text).toBe('ERR overload\n');
  });

  it('is not looked for where bytes go in the clear, or are there already', () => {
    const clear = stage({ session: (pool) => new SecureLineSession(pool), leftover: Buffer.from('hello\n') });
    expect(clear.session.events).toEqual(['hello']);
    expect(clear.connection.endpoint.secureSession).toBe(undefined);
  });

  it('takes no leftover: what was read before TLS is its endpoint’s', () => {
    const { crashes, closes, session } = scripted({ leftover: Buffer.from('hello\n') });
    expect(crashes).toHaveLength(1);
    expect(closes).toEqual(['internalError']);
    expect(session.events).toEqual(['(end internalError)']);
  });
});

describe('a handshake that fails', () => {
  it('by something that is not TLS', async () => {
    const one = wire({ rawPeer: true });
    one.peer.send('GET / HTTP/1.1\r\n\r\n');
    await one.until(() => one.closes.length > 0, 5000);
    expect(one.closes).toEqual(['tlsFailed']);
    expect(one.connection.failure).toMatchObject({ operation: 'handshake', kind: 'protocolError' });
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('by FIN in the middle of it', async () => {
    const one = wire({ rawPeer: true });
    one.peer.endpoint.shutdown();
    await one.until(() => one.closes.length > 0, 5000);
    expect(one.closes).toEqual(['tlsFailed']);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('by a client that does not trust us', async () => {
    const one = wire({ mistrusting: true });
    await one.until(() => one.closes.length > 0, 5000);
    expect(one.closes).toEqual(['tlsFailed']);
    expect(one.peer.closed).toMatchObject({ operation: 'handshake', kind: 'untrusted' });
    expect(await one.held()).toEqual(nothingHeld);
  });

  it.each([
    [new TransportError('handshake', 'untrusted', 'CERT_HAS_EXPIRED'), 'tlsFailed'],
    [new TransportError('handshake', 'truncated'), 'tlsFailed'],
    [new TransportError('handshake', 'other', 'EWHAT'), 'tlsFailed'],
    [new TransportError('read', 'protocolError', 'ERR_SSL_DECRYPTION_FAILED'), 'tlsFailed'],
    [new TransportError('read', 'truncated'), 'truncated'],
    [new TransportError('read', 'connectionReset', 'ECONNRESET'), 'transportError'],
  ] as const)('has its reason: %s', (error, reason) => {
    const { endpoint, closes } = scripted();
    endpoint.gone(error);
    expect(closes).toEqual([reason]);
  });
});

describe('the end', () => {
  it('case 1: what is queued, close_notify, and the peer’s', async () => {
    const one = await established();
    one.peer.send('quit\n');
    await one.until(() => one.peer.ended);
    expect(one.connection.state.label).toBe('draining.lingering');
    expect(one.closes).toEqual([]);
    one.peer.endpoint.shutdown();
    await one.settle();
    expect([one.closes, one.peer.closed]).toEqual([['served'], null]);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('case 2: the peer is silent, and the close timer ends the wait', async () => {
    const one = await established({ timeouts: { closeTimeoutMs: 700 } });
    one.connection.drain();
    await one.until(() => one.peer.ended);
    expect(one.peer.text).toBe('HELLO\nBYE\n');
    await one.pass(600);
    expect(one.closes).toEqual([]);
    await one.pass(200);
    expect(one.closes).toEqual(['drained']);
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('case 3: FIN without close_notify is reported as a truncation', async () => {
    const one = await established();
    one.peer.inner.shutdown();
    await one.until(() => one.closes.length > 0, one.nowMs + 500);
    expect(one.closes).toEqual(['truncated']);
    expect(one.connection.failure).toMatchObject({ operation: 'read', kind: 'truncated' });
    expect(await one.held()).toEqual(nothingHeld);
  });

  it('the peer’s close_notify is its FIN: what it asked for before is still answered', async () => {
    const one = await established();
    one.peer.send('last\n');
    one.peer.endpoint.shutdown();
    await one.until(() => one.closes.length > 0, 5000);
    await one.settle();
    expect(one.peer.text).toBe('HELLO\nLAST\n');
    expect([one.closes, one.peer.closed]).toEqual([['peerClosed'], null]);
    expect(await one.held()).toEqual(nothingHeld);
  });
});
