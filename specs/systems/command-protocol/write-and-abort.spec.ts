// A command protocol over mutual TLS, its lines 7 and 8: whoever breaks the protocol or a limit reads why, whole, behind everything that was
// due before, whatever it does meanwhile; and then the connection ends in order, never by a reset.

import { harmlessFaults } from '@sluice/transport-memory';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommandStage, places, type CommandPeer, type CommandStageOptions, type Place } from '../../support/command-stage.ts';
import { ok, request, wholeMessages } from '../../support/command-wire.ts';
import { opensslClient } from '../../support/openssl-client.ts';
import { makePeer, type PeerCertificate } from '../../support/peer-certificates.ts';
import { testAuthority } from '../../support/secure.ts';

let ada: PeerCertificate;
let stage: CommandStage;

beforeAll(async () => {
  const startMs = Date.UTC(2026, 0, 1);
  ada = await makePeer('ada', { nowMs: startMs, days: Math.ceil((Date.now() - startMs) / 86_400_000) + 30 });
});
afterEach(() => stage.stop());

async function greeted(place: Place, options: CommandStageOptions = {}): Promise<CommandPeer> {
  stage = await CommandStage.start(place, { thumbprints: [{ thumbprint: ada.sha256, name: 'Ada' }], ...options });
  return stage.greeted(ada);
}

/** About the connection, so without a Sequence. */
const failure = (text: string): string => `ERR: ${text}\r\nSize: 0\r\n\r\n`;
const tooLarge = failure('The message is too large.');
const noSequence = failure('No Sequence was sent, but this is required, aborting.');

/** Everything a peer can do wrong, each with what it is told. */
const mistakes: readonly (readonly [what: string, bytes: string, told: string])[] = [
  ['no Sequence', 'PING\r\n\r\n', noSequence],
  ['a Sequence that is too long', `PING\r\nSequence: ${'x'.repeat(65)}\r\n\r\n`, failure('Sequence is not 1 to 64 visible characters.')],
  ['a Sequence that waits for its reply', request('REMIND 1000', 1) + request('PING', 1), failure('A request with this Sequence waits for its reply.')],
  ['a Size that is no number', 'ECHO\r\nSequence: 1\r\nSize: -5\r\n\r\n', failure('Size is not a decimal number.')],
  ['a header twice', 'ECHO\r\nSequence: 1\r\nSequence: 1\r\n\r\n', failure('A header stands twice that may stand once.')],
  ['a header without a colon', 'PING\r\nSequence 1\r\n\r\n', failure('A header is not of the form Name: value.')],
  ['a line that ends with LF', 'PING\nSequence: 1\n\n', failure('A line ends with LF alone.')],
  ['a CR in a line', 'PI\rNG\r\n', failure('A CR is not followed by LF.')],
  ['a control byte', 'PING\0\r\n', failure('A line has a control byte.')],
  ['no UTF-8', 'ECHO \xff\r\nSequence: 1\r\n\r\n', failure('A line is not UTF-8.')],
  ['no command', '\r\n', failure('A line has no command.')],
];

/** Sends without a pause while the gateway still listens, up to so many bytes. */
async function flood(peer: CommandPeer, bytes: number): Promise<void> {
  const piece = request('ECHO', 'more', 'x'.repeat(4000)).repeat(4);
  for (let sent = 0; sent < bytes && !peer.isClosed; sent += piece.length) {
    peer.send(piece);
    await stage.pass(0);
  }
}

describe.each(places)('7. write-and-abort: after an error inbound bytes are discarded, pending writes flushed, then it closes, %s', (place) => {
  it.each(mistakes)('%s', async (_, bytes, told) => {
    const peer = await greeted(place);
    peer.send(request('ECHO', 'a', 'before') + bytes + request('PUBLISH news', 'b', 'behind'));
    expect(await peer.rest()).toBe(ok('a', 'before') + told);
    expect(stage.running.gateway.hub.stats().topics).toBe(0);
  });

  it('while the client keeps sending: all of the error, and no reset', async () => {
    const peer = await greeted(place);
    peer.send(request('ECHO', 'a', 'before') + 'PING\r\n\r\n');
    // Most of it comes when the error has been sent, some before the client has read it.
    await flood(peer, 600_000);
    expect(await peer.rest()).toBe(ok('a', 'before') + noSequence);
    await stage.until('it is counted', () => stage.running.gateway.registry.closes().get('protocolError') === 1);
  });

  it('under back pressure: everything that was due comes first, then all of the error', async () => {
    const peer = await greeted(place, { config: { windows: { outboundBytes: 8 * 1024 * 1024 } } });
    await peer.ask('SUBSCRIBE news');
    peer.endpoint.setReading(false);
    const connection = stage.latest();
    const body = 'p'.repeat(40_000);
    let published = 0;
    // Until the connection takes no more, and something waits in the gateway.
    for (; connection.queuedBytes < 1024 * 1024; published++) {
      stage.running.gateway.hub.publish('news', Buffer.from(body), 0, body.length, 'text');
      await stage.pass(0);
    }
    peer.send(request('ECHO', 'a', 'before') + 'PING\r\n\r\n');
    await stage.until('the gateway has seen it', () => connection.state.phase === 'writeAndAbort');
    expect(connection.queuedBytes).toBeGreaterThan(1024 * 1024 - 1);
    await flood(peer, 300_000);
    expect(peer.isClosed).toBe(false);
    peer.endpoint.setReading(true);
    const all = await peer.rest();
    expect(all.endsWith(ok('a', 'before') + noSequence)).toBe(true);
    const messages = wholeMessages(all);
    expect(messages.slice(0, -2).every(({ line, body: got }, at) => line === 'MSG news' && got === body && at < published)).toBe(true);
    expect(messages).toHaveLength(published + 2);
  });

  it('a peer that never reads is cut off when its time is up', async () => {
    const peer = await greeted(place, { config: { timeouts: { closeTimeoutMs: 200 }, windows: { outboundBytes: 8 * 1024 * 1024 } } });
    await peer.ask('SUBSCRIBE news');
    peer.endpoint.setReading(false);
    const connection = stage.latest();
    const body = Buffer.alloc(40_000, 'p');
    while (connection.queuedBytes < 1024 * 1024) {
      stage.running.gateway.hub.publish('news', body, 0, body.length, 'text');
      await stage.pass(0);
    }
    peer.send('PING\r\n\r\n');
    await stage.until('it is gone', () => stage.running.gateway.registry.get(connection.id) === undefined);
    expect(stage.running.gateway.registry.closes().get('protocolError')).toBe(1);
  });
});

describe('7. openssl s_client', () => {
  it.each(['tls1_2', 'tls1_3'] as const)('%s: reads all of the error while it sends on and on', async (version) => {
    await greeted('over sockets');
    const { ca } = await testAuthority();
    const client = { port: stage.address.port, ca, version, identity: ada.files, sends: '/dev/zero' };
    const expected = { stdout: `OK\r\n${failure('A line has a control byte.')}`, stderr: '', code: 0 };
    for (let round = 0; round < 5; round++) {
      const runs = await Promise.all(Array.from({ length: 4 }, () => opensslClient(client)));
      for (const run of runs) expect(run).toEqual(expected);
    }
  });
});

describe('7. on a network that cuts and delays as it likes', () => {
  /** Replies, then an error, over the network that the seed makes. Resolves to the virtual time at which it had ended. */
  async function course(seed: number): Promise<number> {
    const peer = await greeted('in memory', { seed, faults: harmlessFaults, pipeBytes: 2000, config: { timeouts: { closeTimeoutMs: 600_000 } } });
    const [, bytes, told] = mistakes[seed % mistakes.length]!;
    let expected = '';
    for (let at = 0; at < 10; at++) {
      const body = 'x'.repeat(seed * 31 * at);
      peer.send(request('ECHO words', `s${at}`, body));
      expected += ok(`s${at}`, body === '' ? 'words' : body);
    }
    peer.send(bytes);
    await flood(peer, 20_000);
    expect(await peer.rest()).toBe(expected + told);
    return stage.nowMs;
  }

  it.each(Array.from({ length: 8 }, (_, at) => at + 1))('seed %i: the replies, then all of the error', async (seed) => {
    await course(seed);
  });

  it('a seed replays its course: it ends at the same virtual time', async () => {
    const end = await course(5);
    await stage.stop();
    expect(await course(5)).toBe(end);
  });
});

describe.each(places)('8. a message over the limit (8,064 bytes by default): ERR, then write-and-abort, %s', (place) => {
  /** A request of exactly so many bytes. */
  function ofSize(bytes: number): string {
    const body = bytes - request('ECHO', 1, 'x'.repeat(7000)).length + 7000;
    const whole = request('ECHO', 1, 'x'.repeat(body));
    if (whole.length !== bytes) throw new Error(`${whole.length} bytes instead of ${bytes}`);
    return whole;
  }

  it('8,064 bytes are taken, 8,065 are not', async () => {
    const peer = await greeted(place);
    const most = ofSize(8064);
    await peer.answers(most, ok(1, most.slice(most.indexOf('\r\n\r\n') + 4)));
    peer.send(ofSize(8065));
    expect(await peer.rest()).toBe(tooLarge);
    await stage.until('it is counted', () => stage.running.gateway.registry.closes().get('limitExceeded') === 1);
  });

  it('said as soon as Size shows it, before a byte of the body', async () => {
    const peer = await greeted(place);
    peer.send('ECHO\r\nSequence: 1\r\nSize: 99999999999999999999\r\n\r\n');
    expect(await peer.rest()).toBe(tooLarge);
  });

  it('a head without an end is refused at its 8,065th byte', async () => {
    const peer = await greeted(place);
    peer.send('ECHO '.padEnd(8064, 'x'));
    const { endpoint } = stage.latest();
    await stage.until('it is read', () => endpoint.bytesIn === 8064);
    await stage.pass(10);
    expect([peer.received, peer.isClosed]).toEqual(['', false]);
    peer.send('x');
    expect(await peer.rest()).toBe(tooLarge);
  });

  it('while it keeps sending what it has announced', async () => {
    const peer = await greeted(place);
    peer.send('ECHO\r\nSequence: 1\r\nSize: 1000000\r\n\r\n');
    await flood(peer, 1_000_000);
    expect(await peer.rest()).toBe(tooLarge);
  });

  it('another limit is that of the configuration', async () => {
    const peer = await greeted(place, { config: { commandPeers: { maxMessageBytes: 100_000 } } });
    const body = 'y'.repeat(90_000);
    await peer.answers(request('ECHO', 1, body), ok(1, body));
    peer.send(request('ECHO', 1, 'y'.repeat(100_000)));
    expect(await peer.rest()).toBe(tooLarge);
  });
});
