// Server-Sent Events (WHATWG HTML §9.2) on the wire: the format, ids, resuming, gaps, comments, the end.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventReader, type StreamEvent } from '../support/events.ts';
import { WirePeer } from '../support/wire-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

/** One subscription on a raw connection. */
class Stream {
  readonly peer: WirePeer;
  readonly reader = new EventReader();
  readonly #waiting: StreamEvent[] = [];

  private constructor(peer: WirePeer) {
    this.peer = peer;
  }

  static async open(port: number, pattern: string, ...fields: string[]): Promise<Stream> {
    const peer = await WirePeer.connect(port);
    peer.request(`GET /topics/${pattern} HTTP/1.1`, 'Accept: text/event-stream', ...fields);
    const { status, headers } = await peer.head();
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
    });
    return new Stream(peer);
  }

  /** The next event, the greeting included. */
  async next(): Promise<StreamEvent> {
    while (this.#waiting.length === 0) {
      const chunk = await this.peer.chunk();
      if (chunk === '') throw new Error('the stream has ended');
      this.#waiting.push(...this.reader.push(Buffer.from(chunk, 'latin1').toString('utf8')));
    }
    return this.#waiting.shift()!;
  }

  async take(count: number): Promise<string[]> {
    const data: string[] = [];
    while (data.length < count) data.push((await this.next()).data);
    return data;
  }
}

let running: RunningGateway;
let stream: Stream;
beforeEach(async () => {
  running = await runGateway({ config: { history: { count: 5 }, drain: { retryJitterMs: 0 } } });
});
afterEach(async () => {
  stream?.peer.destroy();
  await running.stop();
  await eventually('nothing is held', () => running.gateway.pool.outstanding().bytes === 0);
});

async function publish(topic: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const reply = await fetch(`${running.url}/topics/${topic}`, { method: 'POST', body });
  const { epoch, offset } = (await reply.json()) as { epoch: string; offset: number };
  return `${epoch}:${offset}`;
}

async function open(pattern: string, ...fields: string[]): Promise<StreamEvent | null> {
  stream = await Stream.open(running.port, pattern, ...fields);
  return fields.length === 0 ? stream.next() : null;
}

describe('9.2.5 the format', () => {
  it('a new stream begins with something to resume from', async () => {
    const greeting = await open('news');
    expect(greeting).toMatchObject({ type: 'subscribed', data: '{}', id: expect.stringMatching(/^h\w+:0$/) as string });
  });

  it('a publication is an event, its id the position', async () => {
    await open('news');
    const id = await publish('news', 'hello');
    expect(await stream.next()).toEqual({ type: 'message', data: 'hello', id });
  });

  it.each([
    ['several lines', 'one\ntwo\n\nfour', 'one\ntwo\n\nfour'],
    ['CR and CRLF, which a reader would split at', 'one\rtwo\r\nthree', 'one\ntwo\nthree'],
    ['what looks like fields', 'id: 5\nevent: x\n\ndata: y', 'id: 5\nevent: x\n\ndata: y'],
    ['a leading space', ' x', ' x'],
    ['a colon', ':', ':'],
    ['beyond ASCII', 'grüß € 𝄞', 'grüß € 𝄞'],
    ['U+2028, which is no line end here', 'a\u2028b', 'a\u2028b'],
    ['nothing', '', ''],
    ['JSON', '{"a":1}', '{"a":1}'],
    ['100 KB', 'x'.repeat(100_000), 'x'.repeat(100_000)],
  ])('%s', async (_, sent, received) => {
    await open('news');
    await publish('news', sent);
    await publish('news', 'next');
    expect(await stream.take(2)).toEqual([received, 'next']);
  });

  it('bytes that are no text are an event of the type binary, in base64', async () => {
    await open('news');
    await publish('news', Uint8Array.of(0, 255, 254));
    expect(await stream.next()).toMatchObject({ type: 'binary', data: 'AP/+' });
  });

  it('a pattern gets all it matches in the order of publication, with ids that count all', async () => {
    const { id } = (await open('news.*'))!;
    await publish('news.a', '1');
    await publish('sport.a', 'other');
    await publish('news.b', '2');
    const [epoch] = id.split(':');
    expect([await stream.next(), await stream.next()]).toEqual([
      { type: 'message', data: '1', id: `${epoch}:1` },
      { type: 'message', data: '2', id: `${epoch}:3` },
    ]);
  });

  it('a stream is not what a client gets that did not ask for one', async () => {
    for (const accept of ['*/*', 'text/*', 'application/json', 'text/event-stream;q=0']) {
      const reply = await fetch(`${running.url}/topics/news`, { headers: { accept } });
      expect(reply.headers.get('content-type')).toBe('application/json');
    }
    await open('news', 'Accept: application/json;q=0.1, text/event-stream; q=0.9');
  });
});

describe('9.2.3 Last-Event-ID', () => {
  it('goes on behind it: nothing twice, nothing lost', async () => {
    const ids = [await publish('news', '1'), await publish('news', '2'), await publish('news', '3')];
    await open('news', `Last-Event-ID: ${ids[0]}`);
    await publish('news', '4');
    expect(await stream.take(3)).toEqual(['2', '3', '4']);
  });

  it('?since= says the same, and Last-Event-ID counts where both are there', async () => {
    const ids = [await publish('news', '1'), await publish('news', '2'), await publish('news', '3')];
    await open(`news?since=${ids[0]}`, 'X: y');
    expect(await stream.next()).toMatchObject({ data: '2', id: ids[1] });
    stream.peer.destroy();
    await open(`news?since=${ids[0]}`, `Last-Event-ID: ${ids[1]}`);
    expect(await stream.next()).toMatchObject({ data: '3', id: ids[2] });
  });

  it('the greeting’s id resumes before anything was published', async () => {
    const { id } = (await open('news'))!;
    stream.peer.destroy();
    await publish('news', '1');
    await publish('other', 'x');
    await publish('news', '2');
    await open('news', `Last-Event-ID: ${id}`);
    expect(await stream.take(2)).toEqual(['1', '2']);
  });

  it('resumes a pattern across its topics', async () => {
    const { id } = (await open('news.%3E'))!;
    for (const [topic, body] of [['news.a', '1'], ['news.b.c', '2'], ['sport', 'x'], ['news.a', '3']]) await publish(topic!, body!);
    stream.peer.destroy();
    await open('news.%3E', `Last-Event-ID: ${id.replace(/:.*/, ':1')}`);
    expect(await stream.take(2)).toEqual(['2', '3']);
  });

  it('of a history that is too short: a gap that says how much is missing, then what there is', async () => {
    const first = await publish('news', '1');
    for (let count = 2; count <= 9; count++) await publish('news', String(count));
    await open('news', `Last-Event-ID: ${first}`);
    const gap = await stream.next();
    expect(gap.type).toBe('gap');
    expect(JSON.parse(gap.data)).toMatchObject({ reason: 'tooOld', topic: 'news', missed: 3, oldestOffset: 5 });
    expect(await stream.take(5)).toEqual(['5', '6', '7', '8', '9']);
  });

  it('of another epoch: a gap, then what there is', async () => {
    await publish('news', '1');
    await open('news', 'Last-Event-ID: t00000000000000:1');
    const gap = await stream.next();
    expect(gap.type).toBe('gap');
    expect(JSON.parse(gap.data)).toMatchObject({ reason: 'epochChanged', missed: -1 });
    expect(await stream.next()).toMatchObject({ data: '1' });
  });

  it.each([
    ['news', 'nonsense'],
    ['news', 't0:-1'],
    ['news', 't0:1e3'],
    ['news.*', 't0:1'],
  ])('%s from %j: 400', async (pattern, id) => {
    const peer = await WirePeer.connect(running.port);
    peer.request(`GET /topics/${pattern} HTTP/1.1`, 'Accept: text/event-stream', `Last-Event-ID: ${id}`);
    expect((await peer.reply()).status).toBe(400);
    peer.destroy();
  });
});

describe('9.2.7 a quiet stream', () => {
  it('gets comments, so that nobody in between takes it for dead', async () => {
    const brisk = await runGateway({ config: { timeouts: { pingIntervalMs: 30 } } });
    const quiet = await Stream.open(brisk.port, 'quiet');
    while (quiet.reader.comments < 3) quiet.reader.push(await quiet.peer.chunk());
    quiet.peer.destroy();
    await brisk.stop();
  });
});

describe('the end', () => {
  it('a drain says when to come back, and ends the reply whole', async () => {
    await open('news');
    for (const connection of running.gateway.registry.all()) connection.drain();
    await expect(stream.next()).rejects.toThrow('the stream has ended');
    expect(stream.reader.retryMs).toBe(1000);
    expect(await stream.peer.rest()).toBe('');
    expect(stream.peer.ending).toBe('fin');
  });

  it('a client that goes is forgotten at once', async () => {
    await open('news');
    const presence = async () => ((await (await fetch(`${running.url}/topics/news/presence`)).json()) as { subscriptions: number }).subscriptions;
    expect(await presence()).toBe(1);
    stream.peer.destroy();
    await eventually('its subscription is gone', () => running.gateway.hub.stats().subscriptions === 0);
    expect(await presence()).toBe(0);
  });
});
