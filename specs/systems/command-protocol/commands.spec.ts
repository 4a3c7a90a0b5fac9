// A command protocol over mutual TLS, its line 5: every command, and publications from and to those who speak other protocols.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CommandStage, places, type CommandPeer, type Place } from '../../support/command-stage.ts';
import { err, ok, request, wholeMessages } from '../../support/command-wire.ts';
import { Inbox } from '../../support/inbox.ts';
import { opensslClient } from '../../support/openssl-client.ts';
import { makePeer, type PeerCertificate } from '../../support/peer-certificates.ts';
import { testAuthority } from '../../support/secure.ts';

let ada: PeerCertificate;
let grace: PeerCertificate;
let stage: CommandStage;

beforeAll(async () => {
  const startMs = Date.UTC(2026, 0, 1);
  const period = { nowMs: startMs, days: Math.ceil((Date.now() - startMs) / 86_400_000) + 30 };
  ada = await makePeer('ada', period);
  grace = await makePeer('grace', period);
});
afterEach(() => stage.stop());

async function open(place: Place): Promise<CommandPeer> {
  const thumbprints = Object.entries({ Ada: ada, Grace: grace }).map(([name, { sha1: thumbprint }]) => ({ name, thumbprint }));
  stage = await CommandStage.start(place, { thumbprints });
  return stage.greeted(ada);
}

const text = (topic: string, offset: number | string) => ({ line: `MSG ${topic}`, offset: String(offset) });

/** The next message, which has to be a publication. */
async function publication(peer: CommandPeer) {
  const { line, headers, body } = await peer.message();
  expect([...headers.keys()].slice(0, 2)).toEqual(['Offset', 'Epoch']);
  expect(headers.get('Size')).toBe(String(body.length));
  return { line, offset: headers.get('Offset'), body, headers };
}

describe.each(places)('5. commands, %s', (place) => {
  it('PING and ECHO', async () => {
    const peer = await open(place);
    await peer.answers(request('PING', 1), ok(1));
    await peer.answers(request('ECHO one two', 2), ok(2, 'one two'));
    await peer.answers(request('ECHO', 3), ok(3));
    await peer.answers(request('ECHO ignored', 4, '\0\x01\r\n\r\n\xff'), ok(4, '\0\x01\r\n\r\n\xff'));
    await peer.answers(request('PING now', 5), err(5, 'Usage: PING'));
  });

  it('SUBSCRIBE, PUBLISH and UNSUBSCRIBE: MSG topic, Offset, Size and the bytes', async () => {
    const subscriber = await open(place);
    const publisher = await stage.greeted(grace);
    expect(await subscriber.ask('SUBSCRIBE news')).toMatchObject({ line: 'OK', body: expect.stringMatching(/^\{"epoch":"\w+","offset":0\}$/) as string });
    const bytes = Buffer.from('grüße\r\n\r\n\0').toString('latin1');
    const reply = await publisher.ask('PUBLISH news', bytes, 'Content-Type: application/octet-stream');
    expect(JSON.parse(reply.body)).toMatchObject({ offset: 1, epoch: expect.stringMatching(/^t\w+$/) as string });
    expect(await publication(subscriber)).toMatchObject({ ...text('news', 1), body: bytes });
    // Who publishes may be subscribed too; once is once, and an empty one is one.
    await publisher.ask('SUBSCRIBE news');
    publisher.send('PUBLISH news\r\nSequence: e\r\nSize: 0\r\n\r\n');
    expect(await publication(publisher)).toMatchObject({ ...text('news', 2), body: '' });
    expect((await publisher.message()).headers.get('Sequence')).toBe('e');
    expect(await publication(subscriber)).toMatchObject({ ...text('news', 2), body: '' });
    await subscriber.answers(request('UNSUBSCRIBE news', 'u'), ok('u'));
    await publisher.ask('UNSUBSCRIBE news');
    expect((await publisher.ask('PUBLISH news', 'nobody')).line).toBe('OK');
    await subscriber.ping();
    expect(subscriber.received).toBe('');
    await subscriber.answers(request('UNSUBSCRIBE news', 'u'), err('u', 'There is no subscription of that.'));
    await subscriber.ask('SUBSCRIBE other');
    await subscriber.answers(request('SUBSCRIBE other', 't'), err('t', 'There is a subscription of that already.'));
  });

  it('a subscription of many topics, and one that resumes', async () => {
    const peer = await open(place);
    await peer.ask('SUBSCRIBE news.*');
    await peer.ask('PUBLISH sports.x', 'not this');
    peer.send(request('PUBLISH news.a', 1, 'one') + request('PUBLISH news.b', 2, 'two'));
    const first = await publication(peer);
    expect(first).toMatchObject({ ...text('news.a', 1), body: 'one' });
    expect((await peer.message()).headers.get('Sequence')).toBe('1');
    expect(await publication(peer)).toMatchObject({ ...text('news.b', 1), body: 'two' });
    await peer.message();
    await peer.ask('UNSUBSCRIBE news.*');
    await peer.ask('PUBLISH news.a', 'three');
    expect((await peer.ask('SUBSCRIBE news.*', '', `Since: ${first.headers.get('Position')}`)).line).toBe('OK');
    expect([(await publication(peer)).body, (await publication(peer)).body]).toEqual(['two', 'three']);
  });

  it('HISTORY and PRESENCE', async () => {
    const peer = await open(place);
    for (const body of ['one', 'two', 'three']) await peer.ask('PUBLISH news', body);
    const page = JSON.parse((await peer.ask('HISTORY news', '', 'Limit: 2')).body) as { publications: { offset: number; data: string }[] };
    expect(page.publications.map(({ offset, data }) => [offset, data])).toEqual([[2, 'two'], [3, 'three']]);
    await peer.ask('SUBSCRIBE news');
    const other = await stage.greeted(grace);
    await other.ask('SUBSCRIBE news');
    const present = (await other.ask('PRESENCE news')).body;
    expect(present).toContain('"name":"Ada"');
    expect(present).toContain('"name":"Grace"');
    expect((await other.ask('PRESENCE nothing')).body).not.toContain('"name"');
  });

  it('REMIND answers when its time has come, not before', async () => {
    const peer = await open(place);
    const before = stage.nowMs;
    await peer.answers(request('REMIND 0.3 the cake', 'r'), ok('r', 'the cake'));
    expect(stage.nowMs - before).toBeGreaterThanOrEqual(299);
    for (const seconds of ['soon', '-1', '86401', '1e3']) {
      await peer.answers(request(`REMIND ${seconds}`, 1), err(1, 'Seconds are a number from 0 to 86400.'));
    }
  });

  it('HELP tells of all of them, and each of them is there', async () => {
    const peer = await open(place);
    const names = (await peer.ask('HELP')).body.trimEnd().split('\n').map((line) => line.split(' ')[0]!);
    expect(names).toEqual(['PING', 'ECHO', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'HISTORY', 'PRESENCE', 'REMIND', 'HELP', 'QUIT']);
    for (const name of names.filter((one) => one !== 'QUIT')) expect((await peer.ask(name)).line).not.toContain('Unknown');
    expect((await peer.ask('ping')).line).toBe('ERR: Unknown command ping; HELP tells which there are.');
  });

  it('QUIT answers, and the gateway ends the connection; what comes behind it is not done', async () => {
    const peer = await open(place);
    const other = await stage.greeted(grace);
    peer.send(request('PUBLISH news', 1, 'one') + request('QUIT', 2) + request('PUBLISH news', 3, 'two'));
    expect(await peer.rest()).toMatch(/^OK\r\nSequence: 1\r\n[^]*\}OK\r\nSequence: 2\r\nSize: 0\r\n\r\n$/);
    expect((await other.ask('HISTORY news')).body).not.toContain('two');
  });
});

describe('5. by hand, with openssl s_client -crlf', () => {
  it('lines as people type them', async () => {
    await open('over sockets');
    const { ca, directory } = await testAuthority();
    const typed = join(directory, 'typed');
    writeFileSync(typed, 'SUBSCRIBE news\nSequence: 1\n\nPUBLISH news\nSequence: 2\nSize: 5\n\nhelloECHO   good   bye\nSequence: 3\n\nQUIT\nSequence: 4\n\n');
    for (const version of ['tls1_2', 'tls1_3'] as const) {
      const { stdout, stderr, code } = await opensslClient({ port: stage.address.port, ca, version, identity: grace.files, sends: typed, crlf: true });
      expect([stderr, code]).toEqual(['', 0]);
      expect(stdout.startsWith('OK\r\n')).toBe(true);
      const messages = wholeMessages(stdout.slice(4));
      expect(messages.map(({ line, headers, body }) => [line, headers.get('Sequence'), body.replace(/^\{.*\}$/, '{}')])).toEqual([
        ['OK', '1', '{}'],
        ['MSG news', undefined, 'hello'],
        ['OK', '2', '{}'],
        ['OK', '3', 'good bye'],
        ['OK', '4', ''],
      ]);
    }
  });
});

describe('5. publications between protocols', () => {
  const overHttp = async (topic: string, body: string): Promise<number> =>
    (await fetch(`${stage.running.url}/topics/${topic}`, { method: 'POST', body })).status;

  async function webSocket(topic: string): Promise<{ socket: WebSocket; messages: Inbox<string> }> {
    const messages = new Inbox<string>();
    const socket = new WebSocket(`${stage.running.wsUrl}/topics/${topic}`);
    socket.on('message', (data: Buffer) => messages.push(data.toString('latin1')));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return { socket, messages };
  }

  it('what HTTP and WebSocket clients publish arrives as MSG', async () => {
    const peer = await open('over sockets');
    await peer.ask('SUBSCRIBE news');
    expect(await overHttp('news', 'by HTTP')).toBe(200);
    expect(await publication(peer)).toMatchObject({ ...text('news', 1), body: 'by HTTP' });
    const { socket } = await webSocket('news');
    socket.send('by WebSocket');
    expect(await publication(peer)).toMatchObject({ ...text('news', 2), body: 'by WebSocket' });
    socket.send(Buffer.from([0, 255]));
    expect(await publication(peer)).toMatchObject({ ...text('news', 3), body: '\0\xff' });
    socket.terminate();
  });

  it('what is published by command arrives at WebSocket and event-stream subscribers, and in the history', async () => {
    const peer = await open('over sockets');
    const { socket, messages } = await webSocket('news');
    const cancel = new AbortController();
    const stream = await fetch(`${stage.running.url}/topics/news`, { headers: { accept: 'text/event-stream' }, signal: cancel.signal });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await peer.ask('PUBLISH news', 'by command');
    expect(await messages.next()).toBe('by command');
    let events = '';
    while (!events.includes('data: by command')) events += (await reader.read()).value ?? '';
    const history = (await (await fetch(`${stage.running.url}/topics/news`)).json()) as { publications: { data: string }[] };
    expect(history.publications.map(({ data }) => data)).toEqual(['by command']);
    cancel.abort();
    socket.terminate();
  });

  it('a publication larger than a request may be arrives whole', async () => {
    const peer = await open('over sockets');
    await peer.ask('SUBSCRIBE news');
    const body = 'lorem ipsum '.repeat(20_000);
    expect(await overHttp('news', body)).toBe(200);
    expect((await publication(peer)).body === body).toBe(true);
    await peer.ping();
  });
});
