// A command protocol over mutual TLS, its lines 1 and 2: who is let in, and what they read.
//
// `openssl s_client` is run SLUICE_COMMAND_RUNS times, 200 by default (a few seconds): each kind of certificate in both versions of TLS,
// silent and sending all the time.

import { rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect, type ConnectionOptions, type SecureVersion } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ok, request } from '../../support/command-wire.ts';
import { clientContexts, CommandStage, places, type Place } from '../../support/command-stage.ts';
import { sendWithFinalFlight } from '../../support/final-flight.ts';
import { opensslClient } from '../../support/openssl-client.ts';
import { answerTo, makePeer, makePeers, peerKinds, thumbprintsOf, type PeerKind, type PeerSet } from '../../support/peer-certificates.ts';
import { eventually } from '../../support/running-gateway.ts';
import { testAuthority } from '../../support/secure.ts';
import { WirePeer } from '../../support/wire-peer.ts';
import { patienceMs } from '../../support/patience.ts';

/** Whole rounds of twenty: five kinds, two versions, silent and sending. */
const runs = Math.ceil(Number(process.env['SLUICE_COMMAND_RUNS'] ?? 200) / 20) * 20;
const simulatedStartMs = Date.UTC(2026, 0, 1);
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const cases = versions.flatMap((version) => peerKinds.map((kind) => ({ version, kind })));

/** Certificates for each place, for each has its own time. */
let sets: Record<Place, PeerSet>;
let stage: CommandStage;

beforeAll(async () => {
  sets = { 'over sockets': await makePeers(), 'in memory': await makePeers(simulatedStartMs) };
});
afterEach(() => stage.stop());

async function open(place: Place, thumbprints: readonly object[] = thumbprintsOf(sets[place]), config = {}): Promise<PeerSet> {
  stage = await CommandStage.start(place, { thumbprints, config });
  return sets[place];
}

const identityOf = (kind: PeerKind, peers: PeerSet) => (kind === 'missing' ? null : peers[kind]);
/** For a client of node:tls. */
function connection(kind: PeerKind, peers: PeerSet, version: SecureVersion): ConnectionOptions & { readonly allowHalfOpen: true } {
  const identity = identityOf(kind, peers);
  return {
    port: stage.address.port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    allowHalfOpen: true,
    ...(identity !== null && { cert: identity.certificate, key: identity.key }),
  };
}

const closes = (reason: 'refused' | 'served') => stage.running.gateway.registry.closes().get(reason);

describe.each(places)('1. any certificate passes TLS and is judged after the handshake, %s', (place) => {
  it.each(cases)('$version, $kind: TLS is content, and the verdict is the first that is said', async ({ kind, version }) => {
    const peers = await open(place);
    const peer = await stage.connect(identityOf(kind, peers), { minVersion: version, maxVersion: version });
    expect(peer.session?.protocol).toBe(version);
    if (kind === 'good') peer.send(request('QUIT', 1));
    expect(await peer.rest()).toBe(answerTo(kind, peers) + (kind === 'good' ? ok(1) : ''));
    await stage.until('it is counted', () => closes(kind === 'good' ? 'served' : 'refused') === 1);
  });

  it('in that order: missing, expired, not yet valid, unknown', async () => {
    const peers = await open(place, []);
    // Nobody is known here, so that two things are wrong with some of them.
    for (const kind of ['missing', 'expired', 'future', 'unknown'] as const) {
      const peer = await stage.connect(identityOf(kind, peers));
      expect(await peer.rest()).toBe(answerTo(kind, peers));
    }
    const good = await stage.connect(peers.good);
    expect(await good.rest()).toBe(`ERR: Unfamiliar certificate ${peers.good.hex}\r\n`);
  });

  it('thumbprints are SHA-1 or SHA-256, in any case, with colons or without', async () => {
    const spellings: ((peer: { sha1: string; sha256: string }) => string)[] = [
      ({ sha1 }) => sha1,
      ({ sha1 }) => sha1.replaceAll(':', ''),
      ({ sha1 }) => sha1.toLowerCase(),
      ({ sha256 }) => sha256,
      ({ sha256 }) => sha256.replaceAll(':', '').toLowerCase(),
    ];
    const nowMs = place === 'in memory' ? simulatedStartMs : Date.now();
    const peers = await Promise.all(spellings.map((_, at) => makePeer(`spelling-${at}`, { nowMs, days: 1 })));
    await open(place, spellings.map((spell, at) => ({ thumbprint: spell(peers[at]!), name: `Peer ${at}` })));
    for (const peer of peers) await (await stage.greeted(peer)).ping();
    const stranger = await stage.connect(sets[place].good);
    expect(await stranger.rest()).toBe(`ERR: Unfamiliar certificate ${sets[place].good.hex}\r\n`);
  });

  it('a resumed session brings the certificate, and is judged by what is known now', async () => {
    const { good } = await open(place);
    const contexts = clientContexts(good);
    const first = await stage.greeted(good, contexts);
    await first.ping();
    const second = await stage.greeted(good, contexts);
    expect(second.session).toMatchObject({ resumed: true });
    stage.reload([]);
    const third = await stage.connect(good, contexts);
    expect(third.session).toMatchObject({ resumed: true });
    expect(await third.rest()).toBe(`ERR: Unfamiliar certificate ${good.hex}\r\n`);
    // Who was let in is not judged again.
    await first.ping();
    await second.ping();
  });
});

describe('1. judged once', () => {
  it('who was let in stays when the certificate expires, and is not let in again', async () => {
    const brief = await makePeer('brief', { nowMs: simulatedStartMs, days: 1 / 1440 });
    await open('in memory', [{ thumbprint: brief.sha1, name: 'Brief' }]);
    const early = await stage.greeted(brief);
    await stage.pass(61_000);
    await early.ping();
    const late = await stage.connect(brief);
    expect(await late.rest()).toBe('ERR: Certificate expired\r\n');
    await early.ping();
  });
});

describe('1. also right when application data arrives with the final handshake flight', () => {
  const publish = request('PUBLISH early', 1, 'too early?');
  const published = () => stage.running.gateway.hub.stats().topics;

  /** A session to resume, of a connection that was judged as such a peer is. */
  async function sessionOf(kind: PeerKind, peers: PeerSet, version: SecureVersion): Promise<Buffer> {
    const socket = connect(connection(kind, peers, version));
    socket.resume();
    const [session] = (await once(socket, 'session')) as [Buffer];
    socket.destroy();
    return session;
  }

  it.each(cases)('$version, $kind', async ({ version, kind }) => {
    const peers = await open('over sockets');
    const session = version === 'TLSv1.2' ? await sessionOf(kind, peers, version) : undefined;
    const data = publish + request('QUIT', 2);
    for (let time = 0; time < 5; time++) {
      const { port } = stage.address;
      const { socket, records } = await sendWithFinalFlight({ port, version, identity: identityOf(kind, peers), data, ...(session !== undefined && { session }) });
      // Change of cipher and Finished of a resumed session, or of TLS 1.3 (its records all look like data), and ours.
      if (version === 'TLSv1.2') expect(records).toEqual([20, 22, 23]);
      else expect(records.filter((type) => type === 23).length).toBeGreaterThan(1);
      const peer = WirePeer.over(socket);
      const all = await peer.rest();
      expect(peer.ending).toBe('fin');
      if (kind === 'good') expect(all).toMatch(/^OK\r\nOK\r\nSequence: 1\r\nSize: \d+\r\n\r\n\{[^}]*\}OK\r\nSequence: 2\r\nSize: 0\r\n\r\n$/);
      else expect(all).toBe(answerTo(kind, peers));
      peer.end();
    }
    // What a refused peer has sent was not looked at.
    expect(published()).toBe(kind === 'good' ? 1 : 0);
  });
});

describe('2. greeting and refusal: OK, or ERR and the text, flushed, confirmed, closed', () => {
  let directory: string;
  beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'sluice-openssl-'))));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it(`openssl s_client sees exactly the texts, every time in ${runs} runs, also while it keeps sending`, { timeout: patienceMs(30_000 + runs * 300) }, async () => {
    const peers = await open('over sockets');
    const { ca } = await testAuthority();
    const quit = join(directory, 'quit');
    writeFileSync(quit, request('QUIT', 'q'));
    // Who is let in goes on behind QUIT; the others never get to an end.
    const pings = join(directory, 'pings');
    const answered = 50;
    writeFileSync(pings, request('PING', 'p').repeat(answered) + request('QUIT', 'q') + request('PING', 'p').repeat(100_000));
    const failures: string[] = [];
    const one = async (run: number): Promise<void> => {
      const kind = peerKinds[run % 5]!;
      const isSending = Math.floor(run / 5) % 2 === 1;
      const version = Math.floor(run / 10) % 2 === 0 ? 'tls1_3' : 'tls1_2';
      const identity = identityOf(kind, peers)?.files;
      const sends = kind === 'good' ? (isSending ? pings : quit) : isSending ? '/dev/zero' : null;
      const result = await opensslClient({ port: stage.address.port, ca, version, identity, ...(sends !== null && { sends }) });
      const replies = kind === 'good' ? (isSending ? ok('p').repeat(answered) : '') + ok('q') : '';
      const expected = { stdout: answerTo(kind, peers) + replies, stderr: '', code: 0 };
      if (JSON.stringify(result) !== JSON.stringify(expected)) {
        failures.push(`run ${run}, ${version}, ${kind}, ${isSending ? 'sending' : 'silent'}: ${JSON.stringify(result).slice(0, 500)}`);
      }
    };
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < runs) await one(next++);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(failures).toEqual([]);
    await eventually('the last ones have closed here too', () => stage.running.gateway.registry.size === 0);
    expect([closes('served'), closes('refused')]).toEqual([runs / 5, (runs * 4) / 5]);
    // Those that sent all the time did: a good one more than 50 requests, the others before and after they were refused.
    expect(stage.running.gateway.registry.traffic().bytesIn).toBeGreaterThan((runs / 2) * 8 * 1024);
  });

  it.each(cases.filter(({ kind }) => kind !== 'good'))('$version, $kind: a client that only sends, and reads when it likes, reads all of it and no reset', async ({ version, kind }) => {
    const peers = await open('over sockets');
    const socket = connect(connection(kind, peers, version));
    // From the first moment, and on until the verdict is there and read.
    let sent = 0;
    const piece = Buffer.alloc(16 * 1024, 'x');
    const pump = (): void => {
      if (socket.destroyed || socket.writableEnded) return;
      while (socket.write(piece)) sent += piece.length;
      sent += piece.length;
    };
    socket.on('drain', pump);
    pump();
    await stage.until('the refusal', () => closes('refused') === 1 || sent > 2 * 1024 * 1024);
    const peer = WirePeer.over(socket);
    expect(await peer.rest()).toBe(answerTo(kind, peers));
    expect(peer.ending).toBe('fin');
    expect(sent).toBeGreaterThan(0);
    socket.destroy();
  });
});
