// Damaged requests and frames, over real sockets: 20,000, or as many as SLUICE_MUTATIONS says (100,000 take a minute). Each connection sends several and FIN; what comes back must be a row of whole
// replies and frames, with a status or a close code that is the sender's fault, and then FIN: never RST, never silence. A
// good client beside them notices nothing, and at the end nothing is left.
//
// A failure says its seed; `SLUICE_SEED=<seed>` replays that connection alone.

import { connect } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { Random } from '@sluice/transport-memory';
import { expect, it } from 'vitest';
import { GoodClient } from '../support/good-client.ts';
import { mutate } from '../support/mutations.ts';
import { clientFrame, handshakeFor, readFrames, readReplies } from '../support/raw-peer.ts';
import { eventually, runGateway } from '../support/running-gateway.ts';
import { patienceMs } from '../support/patience.ts';

const request = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');
const requests = [
  request('GET /topics/mut?limit=5 HTTP/1.1', 'Host: gateway', 'Accept: */*', '', ''),
  request('POST /topics/mut HTTP/1.1', 'Host: gateway', 'Content-Type: text/plain', 'Content-Length: 5', '', 'hello'),
  request('POST /topics/mut HTTP/1.1', 'Host: gateway', 'Transfer-Encoding: chunked', '', '5;a=b', 'hello', '1', '!', '0', 'X-Sum: 1', '', ''),
  request('POST /topics/mut HTTP/1.1', 'Host: gateway', 'Expect: 100-continue', 'Content-Length: 2', '', 'ok'),
  request('GET / HTTP/1.1', 'Host: gateway', 'User-Agent: spec', 'Accept-Encoding: gzip, br', '', ''),
  request('GET /index.html HTTP/1.1', 'Host: gateway', 'Range: bytes=1-20', 'If-None-Match: "a", W/"b"', '', ''),
  request('GET /topics/mut/presence HTTP/1.1', 'Host: gateway', 'Origin: http://gateway', '', ''),
  request('OPTIONS /topics/mut HTTP/1.1', 'Host: gateway', 'Origin: http://gateway', 'Access-Control-Request-Method: POST', '', ''),
  request('GET http://gateway/topics/mut HTTP/1.1', 'Host: gateway', 'Cookie: a=b; c=d', '', ''),
  request('PUT /topics/mut HTTP/1.1', 'Host: gateway', 'Content-Length: 3', '', 'abc'),
  request('GET /topics/mut HTTP/1.0', 'Connection: keep-alive', '', ''),
  request('GET /topics/mut HTTP/1.1', 'Host: gateway', 'Accept: text/event-stream', 'Last-Event-ID: t0000000:1', '', ''),
  Buffer.from(handshakeFor('/topics/mut', 'Sec-WebSocket-Protocol: sluice.v1', 'Sec-WebSocket-Extensions: permessage-deflate'), 'latin1'),
];
const frames = [
  clientFrame(0x81, 'hello'),
  clientFrame(0x82, Buffer.alloc(300, 7)),
  Buffer.concat([clientFrame(0x01, 'frag'), clientFrame(0x80, 'ment')]),
  clientFrame(0x89, 'are you there'),
  clientFrame(0x8a, ''),
  clientFrame(0x81, 'Grüße, 世界 🌍'),
  clientFrame(0xc1, deflateRawSync(Buffer.from('compressed '.repeat(20)), { finishFlush: 2 }).subarray(0, -4)),
  clientFrame(0x88, Buffer.from([0x03, 0xe8, 0x62, 0x79, 0x65])),
];
const handshake = Buffer.from(handshakeFor('/echo', 'Sec-WebSocket-Extensions: permessage-deflate'), 'latin1');

/** A sender's own fault, or no fault at all. */
const statuses = new Set([101, 200, 204, 206, 301, 304, 400, 403, 404, 405, 411, 412, 413, 414, 416, 417, 421, 426, 431, 501, 505]);
const isCloseCode = (code: number): boolean => (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code <= 4999);

interface Session {
  readonly bytes: Buffer;
  readonly isSocket: boolean;
}

function sessionOf(seed: number): Session {
  const random = new Random(seed);
  const isSocket = random.below(3) === 0;
  const from = isSocket ? frames : requests;
  const damaged = Array.from({ length: 1 + random.below(8) }, () => mutate(random, from[random.below(from.length)]!, from));
  return { bytes: Buffer.concat(isSocket ? [handshake, ...damaged] : damaged), isSocket };
}

/** Sends it all and FIN; gives what came until the gateway's FIN. Any error of the socket rejects. */
function converse(port: number, { bytes }: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (received += text));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.setTimeout(patienceMs(), () => socket.destroy(new Error('no end')));
    socket.end(bytes);
  });
}

/** How many of the damaged messages have had an answer. Throws what is wrong with one. */
function judge({ isSocket }: Session, received: string, seen: Map<string, number>): number {
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const { replies, upgraded } = readReplies(received);
  for (const { status } of replies) {
    if (!statuses.has(status)) throw new Error(`status ${status}`);
    count(String(status));
  }
  if (upgraded === null) return replies.length;
  const answers = readFrames(upgraded);
  const close = answers.findIndex(({ opcode }) => opcode === 8);
  if (close >= 0 && close !== answers.length - 1) throw new Error('frames behind a close frame');
  if (close >= 0) {
    const { closeCode } = answers[close]!;
    if (closeCode !== 1005 && !isCloseCode(closeCode)) throw new Error(`close code ${closeCode}`);
    count(`close ${closeCode}`);
  }
  return replies.length - (isSocket ? 1 : 0) + answers.length;
}

const replayed = process.env['SLUICE_SEED'];
const wanted = replayed === undefined ? Number(process.env['SLUICE_MUTATIONS'] ?? 20_000) : 1;

it(`answers ${wanted} damaged messages with what they deserve`, { timeout: patienceMs(60_000 + wanted * 4) }, async () => {
  const running = await runGateway({ config: { log: { level: 'warn' }, compression: { minBytes: 16 } } });
  const good = await GoodClient.start({ host: '127.0.0.1', port: running.port });
  const seen = new Map<string, number>();
  let next = replayed === undefined ? 1 : Number(replayed);
  let answered = 0;
  const failures: string[] = [];
  const send = async (): Promise<void> => {
    while (answered < wanted && failures.length === 0) {
      const seed = next++;
      const session = sessionOf(seed);
      let received = '';
      try {
        received = await converse(running.port, session);
        answered += judge(session, received, seen);
      } catch (error) {
        failures.push(`seed ${seed}: ${String(error)}\n  sent ${JSON.stringify(session.bytes.toString('latin1'))}\n  got ${JSON.stringify(received)}`);
      }
      if (replayed !== undefined) return;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: replayed === undefined ? 48 : 1 }, send));
  const seconds = (performance.now() - startedAt) / 1000;
  expect(failures).toEqual([]);
  await good.stop();
  console.log(`${(answered / seconds).toFixed(0)} a second on ${next - 1} connections; the good client's worst wait ${good.worstMs.toFixed(0)} ms`, Object.fromEntries(seen));
  expect(good.beats).toBeGreaterThan(replayed === undefined ? 100 : 0);
  expect(good.worstMs).toBeLessThan(2000);

  const { registry, hub, pool } = running.gateway;
  await eventually('all connections closed', () => registry.size === 0);
  expect(registry.closes().get('internalError')).toBe(0);
  expect(running.lines.filter(({ message }) => message === 'a session failed')).toEqual([]);
  expect(hub.stats()).toMatchObject({ members: 0, subscriptions: 0, failures: 0 });
  await running.stop();
  await eventually('nothing outstanding', () => pool.outstanding().bytes === 0 && pool.outstanding().handles === 0);
});
