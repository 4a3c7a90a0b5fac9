// A command protocol over mutual TLS, its lines 3, 4 and 6: requests and replies, byte for byte, however the bytes are cut.

import { harmlessFaults } from '@sluice/transport-memory';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommandStage, places, type CommandPeer, type CommandStageOptions, type Place } from '../../support/command-stage.ts';
import { err, ok, request } from '../../support/command-wire.ts';
import { makePeer, type PeerCertificate } from '../../support/peer-certificates.ts';

let ada: PeerCertificate;
let stage: CommandStage;

beforeAll(async () => {
  // Good by the clock on the wall and by the one in memory.
  const startMs = Date.UTC(2026, 0, 1);
  ada = await makePeer('ada', { nowMs: startMs, days: Math.ceil((Date.now() - startMs) / 86_400_000) + 30 });
});
afterEach(() => stage.stop());

async function greeted(place: Place, options: CommandStageOptions = {}): Promise<CommandPeer> {
  stage = await CommandStage.start(place, { thumbprints: [{ thumbprint: ada.sha256, name: 'Ada' }], ...options });
  return stage.greeted(ada);
}

/** Sends a piece, and waits until the gateway has read it: what follows comes in a read of its own. */
async function sendAlone(peer: CommandPeer, piece: string): Promise<void> {
  const { endpoint } = stage.latest();
  const before = endpoint.bytesIn;
  peer.send(piece);
  await stage.until(`${piece.length} bytes are read`, () => endpoint.bytesIn >= before + piece.length);
  expect(endpoint.bytesIn).toBe(before + piece.length);
}

describe.each(places)('3. request: CMD arg1 argN, Name: value…, an empty line, %s', (place) => {
  it('repeated spaces collapse, and those at the ends of the line are none', async () => {
    const peer = await greeted(place);
    await peer.answers('ECHO   one  two     three\r\nSequence: 1\r\n\r\n', ok(1, 'one two three'));
    await peer.answers('   ECHO a b   \r\nSequence: 2\r\n\r\n', ok(2, 'a b'));
  });

  it('header names are case-insensitive', async () => {
    const peer = await greeted(place);
    await peer.answers('PING\r\nSEQUENCE: 1\r\n\r\n', ok(1));
    await peer.answers('ECHO\r\nseQUEnce: 2\r\nsize: 3\r\n\r\nabc', ok(2, 'abc'));
    await peer.answers('HISTORY nothing\r\nsequence:3\r\nLIMIT: 0\r\n\r\n', err(3, 'Limit is a whole number from 1 to 10000.'));
  });

  it('no body, unless Size is given', async () => {
    const peer = await greeted(place);
    // What stands behind the empty line is the next request.
    await peer.answers('ECHO words\r\nSequence: 1\r\n\r\nPING\r\nSequence: 2\r\n\r\n', ok(1, 'words') + ok(2));
    await peer.answers('ECHO words\r\nSequence: 3\r\nSize: 0\r\n\r\nPING\r\nSequence: 4\r\n\r\n', ok(3, 'words') + ok(4));
    // And with Size nothing in a body is looked at, and nothing stands behind it.
    const body = 'PING\r\nSequence: 9\r\n\r\n\0\xff\r';
    await peer.answers(request('ECHO', 5, body) + request('PING', 6), ok(5, body) + ok(6));
  });
});

describe.each(places)('4. reply: OK, Sequence, Size and exactly so many bytes, %s', (place) => {
  it('Size counts bytes, not characters', async () => {
    const peer = await greeted(place);
    const text = Buffer.from('grüße 🚀').toString('latin1');
    await peer.answers(request(`ECHO ${text}`, 1), ok(1, text));
    expect(ok(1, text)).toContain('Size: 12\r\n');
  });

  it('a failure is ERR: <text> with the same headers, and the connection goes on', async () => {
    const peer = await greeted(place);
    await peer.answers(request('SING', 'a-1'), err('a-1', 'Unknown command SING; HELP tells which there are.'));
    await peer.answers(request('PUBLISH', 2), err(2, 'Usage: PUBLISH topic'));
    await peer.ping();
  });

  it('requests run at once, and replies carry their Sequence and come in any order', async () => {
    const peer = await greeted(place);
    const sent = request('REMIND 0.4 last', 'first') + request('REMIND 0.1 middle', '2') + request('PING', 'third') + request('REMIND 0 soon', 'fourth');
    await peer.answers(sent, ok('third') + ok('fourth', 'soon') + ok('2', 'middle') + ok('first', 'last'));
  });

  it('a Sequence is of the client’s choosing, comes back as it was, and may be used again', async () => {
    const peer = await greeted(place);
    for (const sequence of ['0', '007', 'a:b,c;d', '~!@#$%^&*()_+{}|', 'x'.repeat(64)]) {
      await peer.answers(request('PING', sequence), ok(sequence));
      await peer.answers(request('ECHO again', sequence), ok(sequence, 'again'));
    }
  });

  it.each([
    ['without Sequence', 'PING\r\n\r\n'],
    ['without Sequence, and with a body', 'ECHO\r\nSize: 3\r\n\r\nabc'],
    ['with an empty one', 'PING\r\nSequence:\r\n\r\n'],
  ])('%s: ERR, then close', async (_, sent) => {
    const peer = await greeted(place);
    peer.send(request('ECHO before', 1) + sent + request('ECHO after', 2));
    // About the connection: there is no Sequence to be told.
    expect(await peer.rest()).toMatch(/^OK\r\nSequence: 1\r\nSize: 6\r\n\r\nbeforeERR: [^\r\n]*Sequence[^\r\n]*\r\nSize: 0\r\n\r\n$/);
    await stage.until('it is counted', () => stage.running.gateway.registry.closes().get('protocolError') === 1);
  });

  it('more requests than may wait are not lost: they are read when one has been answered', async () => {
    const peer = await greeted(place, { config: { commandPeers: { maxInFlight: 2 } } });
    const waiting = request('REMIND 0.2 b', 1) + request('REMIND 0.1 a', 2);
    await peer.answers(waiting + request('ECHO c', 3) + request('ECHO d', 4), ok(2, 'a') + ok(3, 'c') + ok(4, 'd') + ok(1, 'b'));
  });
});

describe.each(places)('6. however the bytes are cut, %s', (place) => {
  const many = (count: number): string => Array.from({ length: count }, (_, at) => request(`ECHO number ${at}`, at)).join('');
  const replies = (count: number): string => Array.from({ length: count }, (_, at) => ok(at, `number ${at}`)).join('');

  it('one byte at a time, each in a read of its own', async () => {
    const peer = await greeted(place);
    const sent = `${request('ECHO', 1, 'with a body\r\n\r\n')}ECHO  no   body\r\nsequence: 2\r\nX-Other: 1\r\n\r\n${request('PING', 3)}`;
    for (const byte of sent) await sendAlone(peer, byte);
    const expected = ok(1, 'with a body\r\n\r\n') + ok(2, 'no body') + ok(3);
    expect(await peer.take(expected.length)).toBe(expected);
  });

  it('many requests in one packet', async () => {
    const peer = await greeted(place);
    await sendAlone(peer, many(50));
    expect(await peer.take(replies(50).length)).toBe(replies(50));
    // More than one record of TLS takes, and more than may wait for replies.
    await peer.answers(many(2000), replies(2000));
  });

  it.each([1, 2, 3])('the terminator split %i bytes before the rest of it', async (first) => {
    const peer = await greeted(place);
    const whole = request('PING', 1);
    const cut = whole.length - 4 + first;
    await sendAlone(peer, whole.slice(0, cut));
    expect(peer.received).toBe('');
    await sendAlone(peer, whole.slice(cut));
    expect(await peer.take(ok(1).length)).toBe(ok(1));
    // And with the next request in the packet that ends it.
    const two = request('ECHO', 2, 'body');
    const middle = two.length - 8 + first;
    await sendAlone(peer, two.slice(0, middle));
    await sendAlone(peer, two.slice(middle) + whole);
    expect(await peer.take((ok(2, 'body') + ok(1)).length)).toBe(ok(2, 'body') + ok(1));
  });
});

describe('6. on a network that cuts and delays as it likes', () => {
  it.each(Array.from({ length: 6 }, (_, at) => at + 1))('seed %i: the same replies', async (seed) => {
    const peer = await greeted('in memory', { seed, faults: harmlessFaults, pipeBytes: 700 });
    let expected = '';
    for (let at = 0; at < 40; at++) {
      const body = `${at} `.repeat((at * 37) % 300);
      peer.send(body === '' ? request(`ECHO ${at}`, at) : request('ECHO', at, body));
      expected += ok(at, body === '' ? String(at) : body);
    }
    expect(await peer.take(expected.length)).toBe(expected);
    peer.send(request('QUIT', 'q'));
    expect(await peer.rest()).toBe(ok('q'));
  });
});
