// What has a limit or a crowd, with an operation that fails: connections with a rate from their first byte and with one that is set and lifted
// while they live; the mirror, whose ring holds what everybody sends; and tags.

import { handshakeFor, readFrames, readReplies, clientFrame, type RawPeer } from './raw-peer.ts';
import { topic, type FaultStage, type Scenario } from './fault-stage.ts';

/** Text frames that a peer has got; null before its upgrade. */
export function textsOf({ received }: RawPeer): readonly string[] | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0 || !received.startsWith('HTTP/1.1 101')) return null;
  return wholeFrames(received.slice(headEnd + 4));
}

const countOf = (peer: RawPeer): number => textsOf(peer)?.length ?? 0;

function wholeFrames(text: string): string[] {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= text.length; ) {
    const short = text.charCodeAt(at + 1);
    if (short > 126) break;
    const head = short === 126 ? 4 : 2;
    const length = short === 126 ? text.charCodeAt(at + 2) * 256 + text.charCodeAt(at + 3) : short;
    if (!(at + head + length <= text.length)) break;
    // A write that was lost in the middle of a frame leaves what is no frame behind it.
    if ((text.charCodeAt(at) & 0xb0) !== 0x80) break;
    const [frame] = readFrames(text.slice(at, at + head + length));
    if (frame!.opcode === 1) texts.push(frame!.payload);
    at += head + length;
  }
  return texts;
}

const post = (target: string, body: string): string => `POST ${target} HTTP/1.1\r\nHost: gateway\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** One byte in four of what is sent has to wait. */
const rate = 2048;

export const throttledConnections: Scenario = {
  config: { limits: { exemptLoopback: false }, compression: { enabled: false }, timeouts: { pingIntervalMs: 2000, idleTimeoutMs: 6000 } },
  async run(stage: FaultStage): Promise<void> {
    const { gateway } = stage;
    const [listener] = gateway.running.gateway.listeners;
    listener!.throttles = { inBytesPerSecond: rate, outBytesPerSecond: rate };
    const http = stage.connectRaw();
    const socket = stage.connectRaw();
    const cut = stage.connectRaw();
    const goesOn = stage.connectRaw();
    listener!.throttles = { inBytesPerSecond: 0, outBytesPerSecond: 0 };

    http.send(post(`/topics/${topic}`, 'x'.repeat(3000)) + `GET /topics/${topic}?limit=10 HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n`);
    await stage.until(http, () => http.isClosed);
    socket.send(handshakeFor(`/topics/${topic}?since=${stage.world.beginning}`));
    await stage.until(socket, () => countOf(socket) > 1);
    socket.send(clientFrame(0x81, 'y'.repeat(1500)));
    await stage.until(socket, () => countOf(socket) > 2);
    // Held in both directions when it is reset; and when its rate is lifted.
    for (const one of [cut, goesOn]) {
      one.send(handshakeFor(`/topics/${topic}?since=${stage.world.beginning}`));
      await stage.until(one, () => one.received !== '');
      one.send(clientFrame(0x81, 'z'.repeat(1500)));
    }
    gateway.pass(10);
    cut.endpoint.abort();
    const connection = stage.connectionOf(goesOn);
    connection?.setThrottle('in', 0);
    connection?.setThrottle('out', 0);
    await stage.until(goesOn, () => countOf(goesOn) > 3);
    connection?.setThrottle('out', 1024);
    connection?.setThrottle('in', 1024);
    await stage.publish();
    goesOn.send(clientFrame(0x81, 'w'.repeat(1000)));
    await stage.until(goesOn, () => countOf(goesOn) > 5);
    // Pings of a held direction, and the drain of one.
    gateway.pass(3000);
    connection?.setThrottle('out', 1024);
    await stage.finish();
    stage.seen.push(...readable(http), String(countOf(socket)), String(countOf(goesOn)), `closed ${closeCodeOf(goesOn)}`);
  },
};

export const mirrorAndTags: Scenario = {
  pipeBytes: 8 * 1024,
  config: {
    demo: true,
    mirror: { maxFrames: 8, graceMs: 500 },
    windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 },
    compression: { enabled: false },
    limits: { exemptLoopback: false },
    timeouts: { pingIntervalMs: 0, idleTimeoutMs: 0, closeTimeoutMs: 500 },
  },
  async run(stage: FaultStage): Promise<void> {
    const { gateway } = stage;
    // Somebody on the mirror, and somebody with the tag, who are no victims.
    const [looker, tagged] = [gateway.connectRaw(), gateway.connectRaw()];
    looker.send(handshakeFor('/mirror'));
    tagged.send(handshakeFor(`/topics/tagged?tag=a`));
    await stage.settle(() => textsOf(looker) !== null && textsOf(tagged) !== null);

    const first = stage.connectRaw();
    first.send(handshakeFor('/mirror'));
    const second = stage.connectRaw();
    second.send(handshakeFor('/mirror'));
    await stage.settle(() => [first, second].every((one) => textsOf(one) !== null || one.isClosed));
    for (let i = 0; i < 3; i++) {
      first.send(clientFrame(0x81, `first ${i}`));
      second.send(clientFrame(0x81, `second ${i}`));
    }
    await stage.settle(() => [first, second].every((one) => one.isClosed || countOf(one) === 6), 1000);
    // One that does not read and fills the ring, until the sweep drops it.
    const deaf = stage.connectRaw();
    deaf.send(handshakeFor('/mirror'));
    await stage.until(deaf, () => textsOf(deaf) !== null);
    deaf.endpoint.setReading(false);
    const big = clientFrame(0x81, 'm'.repeat(8000));
    for (let i = 0; i < 16 && !first.isClosed; i++) {
      first.send(big);
      gateway.pass(20);
    }
    // As long as the grace, and the sweep behind it.
    gateway.pass(2000);

    const member = stage.connectRaw();
    member.send(handshakeFor('/topics/tagged?tag=a&tag=b'));
    await stage.until(member, () => textsOf(member) !== null);
    const stream = stage.connectRaw();
    stream.send('GET /topics/tagged?tag=a HTTP/1.1\r\nHost: gateway\r\nAccept: text/event-stream\r\n\r\n');
    await stage.until(stream, () => stream.received.includes('200 OK'));
    const sender = stage.connectRaw();
    sender.send(post('/tags/a', 'to the tagged'));
    await stage.until(sender, () => sender.received.includes('receivers'));
    sender.send(post('/tags/b', '\xff'));
    await stage.until(sender, () => sender.received.split('receivers').length === 3);

    // What bystanders sent and got is whole, whatever was injected.
    looker.send(clientFrame(0x81, 'from a looker'));
    if (!(await stage.settle(() => looker.received.includes('from a looker'), 8000))) stage.problems.push('the mirror is stuck');
    gateway.running.gateway.hub.sendTextByTag('a', Buffer.from('last'));
    if (!(await stage.settle(() => tagged.received.includes('last'), 1000))) stage.problems.push('a tag is lost');
    const fromFirst = textsOf(looker)!.filter((text) => text.startsWith('first '));
    if (fromFirst.some((text, at) => text !== `first ${at}`)) stage.problems.push(`out of order on the mirror: ${fromFirst.join()}`);
    const slow = gateway.running.gateway.registry.closes().get('slowConsumer');
    stage.seen.push(`${textsOf(looker)!.length} on the mirror`, `${slow} dropped`, ...textsOf(tagged)!, ...(textsOf(member) ?? []));
    for (const one of [looker, tagged]) one.endpoint.abort();
    await stage.finish();
  },
};

function readable({ received }: RawPeer): string[] {
  try {
    return readReplies(received).replies.map(({ status }) => String(status));
  } catch {
    return ['cut'];
  }
}

function closeCodeOf({ received }: RawPeer): number {
  const upgraded = received.slice(received.indexOf('\r\n\r\n') + 4);
  try {
    return readFrames(upgraded).at(-1)?.closeCode ?? 0;
  } catch {
    return 0;
  }
}
