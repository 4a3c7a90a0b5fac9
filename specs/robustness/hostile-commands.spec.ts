// Damaged requests of the command protocol against a real listener, in the clear and over TLS. Each connection sends several and FIN; what comes back
// must be a greeting and a row of whole messages, an ERR about the connection at most as the last, and then the end: never RST, never silence.
// A good client beside them notices nothing, and at the end nothing is left.
//
// A failure says its seed; `SLUICE_SEED=<seed>` replays that connection alone.

import { connect as connectClear, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { Random } from '@sluice/transport-memory';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMessages, request } from '../support/command-wire.ts';
import { GoodClient } from '../support/good-client.ts';
import { mutate } from '../support/mutations.ts';
import { makePeer, type PeerCertificate } from '../support/peer-certificates.ts';
import { eventually, runGateway } from '../support/running-gateway.ts';
import { tlsSettings } from '../support/secure.ts';
import { patienceMs } from '../support/patience.ts';

const replayed = process.env['SLUICE_SEED'];
const requests = [
  request('PING', 1),
  request('ECHO one  two', 'two'),
  request('PUBLISH mut', 3, 'hello'),
  request('PUBLISH mut', 4, 'binary', 'Content-Type: application/octet-stream'),
  request('SUBSCRIBE mut.*', 5),
  request('SUBSCRIBE mut', 6, '', 'Since: h0000:1'),
  request('UNSUBSCRIBE mut', 7),
  request('HISTORY mut', 8, '', 'Limit: 3'),
  request('PRESENCE mut', 9),
  request('REMIND 0.001 soon', 10),
  request('HELP', 11),
  request('QUIT', 12),
].map((text) => Buffer.from(text, 'latin1'));

function bytesOf(seed: number): Buffer {
  const random = new Random(seed, 0xc0de);
  return Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => mutate(random, requests[random.below(requests.length)]!, requests)));
}

/** Sends it all and FIN; gives what came until the end. Any error of the socket rejects, a missing close_notify too. */
function converse(socket: Socket, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    let ended = false;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (received += text));
    socket.on('end', () => (ended = true));
    socket.on('error', reject);
    socket.on('close', () => (ended ? resolve(received) : reject(new Error(`closed without an end behind ${JSON.stringify(received)}`))));
    socket.setTimeout(patienceMs(), () => socket.destroy(new Error(`no end, but ${JSON.stringify(received)}`)));
    socket.end(bytes);
  });
}

/** Throws what is wrong with the answer; counts what it consists of. */
function judge(received: string, seen: Map<string, number>): number {
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  if (!received.startsWith('OK\r\n')) throw new Error('no greeting');
  const { messages, rest } = readMessages(received.slice(4));
  if (rest !== '') throw new Error(`behind whole messages: ${JSON.stringify(rest)}`);
  let answers = 0;
  for (const [index, { line, headers }] of messages.entries()) {
    count(line.split(' ')[0]!);
    if (headers.has('Sequence')) answers++;
    if (headers.has('Sequence') || !line.startsWith('ERR: ')) continue;
    // Said about the connection, and not about a request: nothing follows.
    if (index !== messages.length - 1) throw new Error(`behind ${line}: ${messages[index + 1]!.line}`);
    if (/wrong in the gateway|not allowed|holds|fast enough/.test(line)) throw new Error(`ended by ${line}`);
    count(`end: ${line.slice(5, 60)}`);
    answers++;
  }
  return answers;
}

let peer: PeerCertificate;
beforeAll(async () => {
  peer = await makePeer('peer', { nowMs: Date.now(), days: 2 });
});

describe.each([
  { name: 'in the clear', isSecure: false, messages: 5000 },
  { name: 'over TLS', isSecure: true, messages: 300 },
])('$name', ({ isSecure, messages }) => {
  it('damaged requests are answered with what they deserve', async () => {
    const config = { command: ['127.0.0.1:0'], log: { level: 'warn' }, timeouts: { closeTimeoutMs: 4000 } };
    const secure = { https: ['127.0.0.1:0'], tls: await tlsSettings(), commandPeers: { thumbprints: [{ name: 'peer', thumbprint: peer.sha256 }] } };
    const running = await runGateway({ config: isSecure ? { ...config, ...secure } : config, tls: false });
    const { registry, hub, pool, http, command } = running.gateway;
    const good = await GoodClient.start(http[0]!);
    const { port } = command[0]!;
    const open = (): Socket => {
      if (!isSecure) return connectClear({ port, host: '127.0.0.1' });
      return connectSecure({ port, host: '127.0.0.1', servername: 'localhost', cert: peer.certificate, key: peer.key });
    };
    const seen = new Map<string, number>();
    const failures: string[] = [];
    let next = replayed === undefined ? 1 : Number(replayed);
    let answered = 0;
    const send = async (): Promise<void> => {
      while (answered < messages && failures.length === 0) {
        const seed = next++;
        const bytes = bytesOf(seed);
        let received = '';
        try {
          received = await converse(open(), bytes);
          answered += judge(received, seen);
        } catch (error) {
          failures.push(`seed ${seed}: ${String(error)}\n  sent ${JSON.stringify(bytes.toString('latin1'))}\n  got ${JSON.stringify(received)}`);
        }
        if (replayed !== undefined) return;
      }
    };
    await Promise.all(Array.from({ length: replayed === undefined ? 24 : 1 }, send));
    expect(failures).toEqual([]);
    await good.stop();
    console.log(`${answered} messages on ${next - 1} connections; the good client's worst wait ${good.worstMs.toFixed(0)} ms`, Object.fromEntries(seen));
    expect(good.beats).toBeGreaterThan(0);
    if (replayed === undefined) for (const what of ['OK', 'ERR:']) expect(seen.get(what), what).toBeGreaterThan(messages / 200);
    await eventually('all connections closed', () => registry.size === 0);
    expect(registry.closes().get('internalError')).toBe(0);
    expect(running.lines.filter(({ message }) => message === 'a session failed')).toEqual([]);
    expect(hub.stats()).toMatchObject({ members: 0, subscriptions: 0, failures: 0 });
    await running.stop();
    await eventually('nothing outstanding', () => pool.outstanding().bytes === 0 && pool.outstanding().handles === 0);
  });
});
