// What a gateway does in a day, in one run: accept, handshake, requests and replies, an upgrade, messages, an event stream, files,
// slow and bad requests, closing from either side, draining. Victims do all of it, and one operation of theirs fails.

import { ClientConnection } from './client-connection.ts';
import { topic, type FaultStage, type Scenario } from './fault-stage.ts';

class Victim extends ClientConnection {
  replies = 0;
  statuses: number[] = [];
  messages = 0;
  pieces = '';
  isOpen = false;

  override onReply({ status }: { status: number }): void {
    this.replies++;
    this.statuses.push(status);
  }

  override onPiece(piece: string): void {
    this.pieces += piece;
  }

  override onOpen(): void {
    this.isOpen = true;
  }

  override onMessage(): void {
    this.messages++;
  }
}

/** `root` holds `small.txt` and `large.bin`. */
export function aDay(root: string): Scenario {
  return {
    config: { root, static: { maxCachedFileBytes: 1000 }, timeouts: { pingIntervalMs: 5000, idleTimeoutMs: 15_000, handshakeTimeoutMs: 11_000 } },
    keeps: { bytes: 'small'.length, handles: 2 },
    run,
  };
}

async function run(stage: FaultStage): Promise<void> {
  const { world } = stage;
  const victims: Victim[] = [];
  const connect = (): Victim => {
    const victim = stage.connect((endpoint) => new Victim(endpoint, () => world.random.next() | 0));
    victims.push(victim);
    return victim;
  };
  const http = connect();
  for (const request of requests) {
    if (http.isClosed || http.hasEnded || !http.http.keepAlive) break;
    const { replies } = http;
    http.request(request.method, request.target, [], request.body ?? null);
    await stage.settleReal(() => http.replies > replies || http.isClosed || http.hasEnded);
  }
  const stream = connect();
  stream.request('GET', `/topics/${topic}`, ['Accept', 'text/event-stream', 'Last-Event-ID', world.beginning]);
  await stage.until(stream, () => stream.pieces.includes('data:'));
  const socket = connect();
  socket.upgrade(`/topics/${topic}`, ['sluice.v1']);
  await stage.until(socket, () => socket.isOpen && socket.messages > 0);
  const drained = connect();
  drained.upgrade(`/topics/${topic}?since=${world.beginning}`);
  await stage.until(drained, () => drained.isOpen && drained.messages > 0);
  socket.send('from a socket');
  socket.send('and another');
  await stage.until(socket, () => socket.messages > 2);
  await stage.publish();
  await stage.until(socket, () => socket.messages > 3);
  await stage.until(stream, () => stream.pieces.includes('to everybody'));
  const slow = connect();
  slow.http.output.writeLatin1('GET / HTTP/1.1\r\nHost: gate');
  slow.flush();
  const half = connect();
  half.http.output.writeLatin1(`POST /topics/${topic} HTTP/1.1\r\nHost: gateway\r\nContent-Length: 10\r\n\r\nhalf`);
  half.flush();
  const bad = connect();
  bad.http.output.writeLatin1('GET / HTTP/1.1\r\nHost : gateway\r\n\r\n');
  bad.flush();
  // Pings, comments and the handshake time-out.
  stage.gateway.pass(12_000);
  half.endpoint.abort();
  socket.leave();
  await stage.until(socket, () => socket.isClosed);
  if (!http.isClosed && !http.hasEnded) http.leave();
  await stage.finish();
  stage.seen.push(...victims.flatMap(({ statuses }) => statuses).map(String));
  stage.seen.push(...victims.flatMap(({ closeCode }) => (closeCode === 0 ? [] : [`closed ${closeCode}`])));
}

const requests: readonly { readonly method: string; readonly target: string; readonly body?: string }[] = [
  { method: 'POST', target: `/topics/${topic}`, body: 'from a victim' },
  { method: 'GET', target: `/topics/${topic}?limit=10` },
  { method: 'GET', target: `/topics/${topic}/presence` },
  { method: 'GET', target: '/small.txt' },
  { method: 'GET', target: '/large.bin' },
  { method: 'GET', target: '/small.txt' },
  { method: 'GET', target: '/large.bin' },
  { method: 'HEAD', target: '/large.bin' },
  { method: 'GET', target: '/nothing' },
  { method: 'PUT', target: `/topics/${topic}`, body: 'no' },
];
