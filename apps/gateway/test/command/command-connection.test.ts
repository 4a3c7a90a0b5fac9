import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '@sluice/timing';
import { MemoryNetwork } from '@sluice/transport-memory';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';
import { PeerRates } from '../../src/limits/peer-rates.ts';
import { CommandsInMemory, err, ok, request, type CommandsOptions } from './commands-in-memory.ts';

let commands: CommandsInMemory;

async function start(options: CommandsOptions = {}): Promise<CommandsInMemory> {
  commands = await CommandsInMemory.start(options);
  return commands;
}

afterEach(async () => {
  const outstanding = await commands.stop();
  expect([outstanding, commands.crashes]).toEqual([0, []]);
});

const epochOf = (topic: string): string => commands.hub.history(topic).epoch;
const msg = (topic: string, offset: number, body: string, ...headers: string[]) =>
  `${[`MSG ${topic}`, `Offset: ${offset}`, `Epoch: ${epochOf(topic)}`, ...headers, `Size: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;

function publish(topic: string, body: string): void {
  const bytes = Buffer.from(body);
  commands.hub.publish(topic, bytes, 0, bytes.length, 'text');
}

describe('PING, ECHO, HELP, QUIT', () => {
  it('answer', async () => {
    await start();
    const client = commands.connect();
    expect(commands.body(client, 'PING')).toBe('');
    expect(commands.body(client, 'ECHO  hello   there ')).toBe('hello there');
    expect(commands.body(client, 'ECHO')).toBe('');
    expect(commands.body(client, 'ECHO', '\0 any\r\nbytes ')).toBe('\0 any\r\nbytes ');
    expect(commands.body(client, 'HELP')).toMatch(/^PING .*\n[^]*SUBSCRIBE topic [^]*QUIT .*\n$/);
  });

  it('are answered in one packet as well as a byte at a time', async () => {
    await start();
    const all = request('PING', 1) + request('ECHO x', 2) + request('PING', 3);
    const client = commands.connect();
    expect(commands.ask(client, all)).toBe(ok(1) + ok(2, 'x') + ok(3));
    for (const byte of all) client.send(byte);
    commands.pass(1000);
    expect(commands.take(client)).toBe(ok(1) + ok(2, 'x') + ok(3));
  });

  it('QUIT: OK, and then the end', async () => {
    await start();
    const client = commands.connect();
    expect(commands.ask(client, request('QUIT', 1) + request('PING', 2))).toBe(ok(1));
    commands.pass(100);
    expect([client.hasEnded, client.isClosed, commands.closes]).toEqual([true, true, ['served']]);
  });
});

describe('What is wrong with a request', () => {
  it('is told, and the connection lives', async () => {
    await start();
    const client = commands.connect();
    expect(commands.error(client, 'FETCH x')).toBe('Unknown command FETCH; HELP tells which there are.');
    expect(commands.error(client, 'ping')).toBe('Unknown command ping; HELP tells which there are.');
    expect(commands.error(client, 'toString')).toMatch(/^Unknown/);
    expect(commands.error(client, 'x'.repeat(8000))).toBe(`Unknown command ${'x'.repeat(200)}…; HELP tells which there are.`.replace('…', '\xe2\x80\xa6'));
    expect(commands.error(client, 'PING now')).toBe('Usage: PING');
    expect(commands.error(client, 'PUBLISH')).toBe('Usage: PUBLISH topic');
    expect(commands.error(client, 'PUBLISH a b')).toBe('Usage: PUBLISH topic');
    expect(commands.error(client, 'PUBLISH a..b')).toMatch(/^[A-Z].*\.$/);
    expect(commands.error(client, 'PUBLISH news.*')).toMatch(/^[A-Z].*\.$/);
    expect(commands.error(client, 'SUBSCRIBE a.>.b')).toMatch(/^[A-Z].*\.$/);
    expect(commands.error(client, 'SUBSCRIBE a', '', 'Since: 7')).toBe('Since is EPOCH:OFFSET.');
    expect(commands.error(client, 'SUBSCRIBE a.*', '', 'Since: t1:7')).toBe(`t1 counts one topic, and the pattern may be many.`);
    expect(commands.error(client, 'HISTORY a', '', 'Limit: 0')).toBe('Limit is a whole number from 1 to 10000.');
    expect(commands.error(client, 'PRESENCE a', '', 'Limit: x')).toBe('Limit is a whole number from 1 to 10000.');
    for (const seconds of ['x', '-1', '1e3', '86401', '0.0001', '']) {
      expect(commands.error(client, `REMIND ${seconds}`)).toBe(seconds === '' ? 'Usage: REMIND seconds [text]' : 'Seconds are a number from 0 to 86400.');
    }
    expect(commands.body(client, 'PING')).toBe('');
  });

  it('is the rate, too: a request over it fails', async () => {
    const clock = new VirtualClock();
    const rates = new PeerRates({
      clock,
      exempt: new ExemptPeers(false, []),
      messagesPerSecond: 1,
      messageBurst: 2,
      connectionsPerSecond: 0,
      connectionBurst: 0,
      maxPeers: 10,
    });
    await start({ rates });
    const client = commands.connect();
    expect(commands.ask(client, request('PING', 1) + request('PING', 2) + request('PING', 3))).toBe(ok(1) + ok(2) + err(3, rates.messageRefusal));
    clock.advanceBy(1000);
    expect(commands.body(client, 'PING')).toBe('');
    client.endpoint.close();
    commands.pass(100);
    clock.advanceBy(10_000);
    rates.sweep();
    expect(rates.size).toBe(0);
  });
});

describe('PUBLISH and SUBSCRIBE', () => {
  it('bring what is published to all who are subscribed, the publisher too', async () => {
    await start();
    const [one, two] = [commands.connect(), commands.connect()];
    expect(JSON.parse(commands.body(one, 'SUBSCRIBE news.eu'))).toEqual({ epoch: commands.hub.epoch, offset: 0 });
    commands.body(two, 'SUBSCRIBE news.eu');
    expect(commands.ask(one, request('PUBLISH news.eu', 'p', 'hello'))).toBe(msg('news.eu', 1, 'hello') + ok('p', JSON.stringify({ offset: 1, epoch: epochOf('news.eu') })));
    expect(commands.take(two)).toBe(msg('news.eu', 1, 'hello'));
    expect(commands.hub.stats().encodingsMade).toBe(1);
  });

  it('take text and other bytes, and none', async () => {
    await start();
    const client = commands.connect();
    commands.body(client, 'PUBLISH t', 'text');
    commands.body(client, 'PUBLISH t', '\xff\x00');
    commands.body(client, 'PUBLISH t');
    commands.body(client, 'PUBLISH t', 'text', 'Content-Type: application/octet-stream');
    const published = commands.hub.history('t').publications.map(({ kind, payload }) => [kind, payload.length]);
    expect(published).toEqual([['text', 4], ['binary', 2], ['text', 0], ['binary', 4]]);
  });

  it('with wildcards tell the topic, and the position to resume from', async () => {
    await start();
    const client = commands.connect();
    commands.body(client, 'SUBSCRIBE news.>');
    publish('news.eu', 'a');
    publish('other', 'b');
    publish('news.us.ny', 'c');
    commands.pass(20);
    const { epoch } = commands.hub;
    expect(commands.take(client)).toBe(msg('news.eu', 1, 'a', `Position: ${epoch}:1`) + msg('news.us.ny', 1, 'c', `Position: ${epoch}:3`));
  });

  it('resume behind a position: the reply first, then what was missed', async () => {
    await start();
    for (const body of ['a', 'b', 'c']) publish('news', body);
    const client = commands.connect();
    const since = `${epochOf('news')}:1`;
    expect(commands.ask(client, request('SUBSCRIBE news', 1, '', `Since: ${since}`))).toBe(
      ok(1, JSON.stringify({ epoch: epochOf('news'), offset: 1 })) + msg('news', 2, 'b') + msg('news', 3, 'c'),
    );
    const other = commands.connect();
    expect(commands.ask(other, request('SUBSCRIBE other', 1, '', `since: ${commands.hub.epoch}:2`))).toBe(ok(1, JSON.stringify({ epoch: commands.hub.epoch, offset: 2 })));
    expect(commands.ask(other, request('SUBSCRIBE *', 2, '', `since: ${commands.hub.epoch}:2`))).toBe(
      ok(2, JSON.stringify({ epoch: commands.hub.epoch, offset: 2 })) + msg('news', 3, 'c', `Position: ${commands.hub.epoch}:3`),
    );
  });

  it('begin with the last of the history, at a position that brings them again', async () => {
    await start();
    for (const body of ['a', 'b', 'c']) publish('news', body);
    const client = commands.connect();
    expect(commands.ask(client, request('SUBSCRIBE news', 1, '', 'History: 2'))).toBe(
      ok(1, JSON.stringify({ epoch: commands.hub.epoch, offset: 1 })) + msg('news', 2, 'b') + msg('news', 3, 'c'),
    );
    for (const history of ['0', 'x', '10001']) {
      expect(commands.error(client, 'SUBSCRIBE other', '', `History: ${history}`)).toBe('History is a whole number from 1 to 10000.');
    }
    expect(commands.ask(commands.connect(), request('SUBSCRIBE news', 1, '', 'History: 3', `Since: ${epochOf('news')}:2`))).toBe(
      ok(1, JSON.stringify({ epoch: epochOf('news'), offset: 2 })) + msg('news', 3, 'c'),
    );
  });

  it('tell of a gap before what follows it', async () => {
    await start({ hub: { history: { maxCount: 2 } } });
    for (const body of ['a', 'b', 'c', 'd']) publish('news', body);
    const client = commands.connect();
    expect(commands.ask(client, request('SUBSCRIBE news', 1, '', `Since: ${epochOf('news')}:1`))).toBe(
      ok(1, JSON.stringify({ epoch: epochOf('news'), offset: 1 })) +
        `GAP news\r\nReason: tooOld\r\nMissed: 1\r\nOldest-Offset: 3\r\nEpoch: ${epochOf('news')}\r\nPosition: ${commands.hub.epoch}:2\r\nSize: 0\r\n\r\n` +
        msg('news', 3, 'c') +
        msg('news', 4, 'd'),
    );
  });

  it('are bounded in number, and each is there once', async () => {
    await start();
    const client = commands.connect();
    for (const topic of ['a', 'b', 'c']) commands.body(client, `SUBSCRIBE ${topic}`);
    expect(commands.error(client, 'SUBSCRIBE a')).toBe('There is a subscription of that already.');
    expect(commands.error(client, 'SUBSCRIBE d')).toBe('A connection may have 3 subscriptions.');
    commands.body(client, 'UNSUBSCRIBE b');
    expect(commands.error(client, 'UNSUBSCRIBE b')).toBe('There is no subscription of that.');
    commands.body(client, 'SUBSCRIBE d');
    publish('b', 'unheard');
    publish('d', 'heard');
    commands.pass(20);
    expect(commands.take(client)).toBe(msg('d', 1, 'heard'));
  });

  it('end with the connection, whoever ends it', async () => {
    await start();
    for (const end of ['close', 'abort'] as const) {
      const client = commands.connect();
      commands.body(client, 'SUBSCRIBE a');
      expect(commands.hub.stats().members).toBe(1);
      client.endpoint[end]();
      commands.pass(100);
      expect(commands.hub.stats()).toMatchObject({ members: 0, subscriptions: 0 });
    }
  });
});

describe('A slow subscriber', () => {
  const small = () => ({ network: new MemoryNetwork({ seed: 1, pipeBytes: 1024 }), outboundBytes: 4096 });
  const flood = (count: number) => {
    for (let i = 0; i < count; i++) publish('news', `${i}:${'x'.repeat(500)}`);
  };

  it('is told ERR and closed, by default, after all that was queued', async () => {
    await start(small());
    const client = commands.connect();
    commands.body(client, 'SUBSCRIBE news');
    client.endpoint.setReading(false);
    flood(40);
    commands.pass(100);
    expect(commands.hub.stats()).toMatchObject({ members: 0, evicted: 1 });
    client.endpoint.setReading(true);
    commands.pass(1000);
    expect(commands.take(client).endsWith('ERR: Messages were not taken fast enough.\r\nSize: 0\r\n\r\n')).toBe(true);
    expect(commands.closes).toEqual(['slowConsumer']);
  });

  it('misses the oldest under dropOldest, and is told how many', async () => {
    await start({ ...small(), hub: { slow: 'dropOldest', history: { maxCount: 3 } } });
    const client = commands.connect();
    commands.body(client, 'SUBSCRIBE news');
    client.endpoint.setReading(false);
    flood(40);
    commands.pass(100);
    client.endpoint.setReading(true);
    commands.pass(1000);
    const text = commands.take(client);
    const missed = Number(/GAP news\r\nReason: dropped\r\nMissed: (\d+)\r\n/.exec(text)![1]);
    expect(text.match(/MSG news\r\n/g)!.length + missed).toBe(40);
    expect(commands.body(client, 'PING')).toBe('');
  });
});

describe('HISTORY and PRESENCE', () => {
  it('answer as the HTTP API does', async () => {
    await start();
    for (const body of ['a', 'b', 'c']) publish('news', body);
    const client = commands.connect();
    const offsets = (...headers: string[]) =>
      (JSON.parse(commands.body(client, 'HISTORY news', '', ...headers)) as { publications: { offset: number }[] }).publications.map(({ offset }) => offset);
    expect(offsets()).toEqual([1, 2, 3]);
    expect(offsets('Limit: 2')).toEqual([2, 3]);
    expect(offsets('Limit: 1', `Since: ${epochOf('news')}:1`)).toEqual([2]);
    publish('news', 'd'.repeat(100));
    expect(offsets()).toEqual([4]);
    expect(JSON.parse(commands.body(client, 'HISTORY unknown'))).toMatchObject({ topic: 'unknown', epoch: epochOf('unknown'), nextOffset: 1, publications: [] });
    commands.body(client, 'SUBSCRIBE news');
    expect(JSON.parse(commands.body(client, 'PRESENCE news'))).toMatchObject({ subscriptions: 1, members: [{ info: { protocol: 'command' } }], complete: true });
  });
});

describe('REMIND', () => {
  it('answers after its time, in the order of times', async () => {
    await start();
    const client = commands.connect();
    expect(commands.ask(client, request('REMIND 2 drink  tea', 1) + request('REMIND 0.5', 2) + request('PING', 3))).toBe(ok(3));
    commands.pass(400);
    expect(commands.take(client)).toBe('');
    commands.pass(150);
    expect(commands.take(client)).toBe(ok(2));
    commands.pass(1300);
    expect(commands.take(client)).toBe('');
    commands.pass(200);
    expect(commands.take(client)).toBe(ok(1, 'drink tea'));
  });

  it('is bounded in number', async () => {
    await start();
    const client = commands.connect();
    expect(commands.ask(client, request('REMIND 1', 1) + request('REMIND 1', 2) + request('REMIND 1', 3))).toBe(err(3, 'A connection may wait for 2 reminders.'));
    commands.pass(1100);
    expect(commands.take(client)).toBe(ok(1) + ok(2));
    expect(commands.ask(client, request('REMIND 0', 4))).toBe(ok(4));
  });

  it('is heard by a client that has sent FIN, and forgotten with one that is gone', async () => {
    await start();
    const client = commands.connect();
    client.send(request('REMIND 5', 1));
    client.endpoint.shutdown();
    commands.pass(5200);
    expect(commands.take(client)).toBe(ok(1));
    expect(client.isClosed).toBe(true);
    const other = commands.connect();
    commands.ask(other, request('REMIND 5', 1));
    other.endpoint.abort();
    commands.pass(10_000);
    expect(commands.registry.size).toBe(0);
  });
});

describe('A drain', () => {
  it('gives up reminders, leaves the hub, and says goodbye', async () => {
    await start();
    const client = commands.connect();
    commands.body(client, 'SUBSCRIBE news');
    commands.ask(client, request('REMIND 60', 1));
    for (const connection of commands.registry.all()) connection.drain();
    expect(commands.hub.stats().members).toBe(0);
    commands.pass(100);
    expect(commands.take(client)).toBe(
      `${err(1, 'The connection ends before that time.')}BYE: The gateway is stopping.\r\nRetry-After-Ms: 250\r\nSize: 0\r\n\r\n`,
    );
    expect([client.isClosed, commands.closes]).toEqual([true, ['drained']]);
  });
});
