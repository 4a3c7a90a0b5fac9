import { describe, expect, it } from 'vitest';
import { ClientStage, protocols, type Protocol } from '../client/console.ts';

async function historyOf(stage: ClientStage, topic: string): Promise<string[]> {
  const reader = stage.sub('ws', [topic, '--since', `${stage.gateway.gateway.hub.epoch}:0`]);
  await stage.pass(200);
  reader.interrupt();
  await stage.ended(reader);
  return reader.out.lines;
}

describe.each(protocols)('sluice pub over %s', (protocol: Protocol) => {
  it('publishes one message and ends with 0 when it has arrived', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    const publisher = stage.pub(protocol, ['news', 'hello world']);
    expect(await stage.ended(publisher)).toBe(0);
    await stage.until(() => subscriber.out.text === 'hello world\n');
    expect(publisher.out.text).toBe('');
    expect(publisher.err.text).toBe('');
    await stage.gateway.stop();
  });

  it('publishes each line of standard input, in order, the empty and the last one too', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    const publisher = stage.pub(protocol, ['news']);
    publisher.stdin.write('first\nsec');
    await stage.pass(50);
    publisher.stdin.write('ond\r\n\nübrig');
    publisher.stdin.end();
    expect(await stage.ended(publisher)).toBe(0);
    await stage.until(() => subscriber.out.lines.length === 4);
    expect(subscriber.out.lines).toEqual(['first', 'second', '', 'übrig']);
    await stage.gateway.stop();
  });

  it('sends again what was not confirmed when the connection breaks: nothing is lost', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    const publisher = stage.pub(protocol, ['news']);
    const wanted: string[] = [];
    for (let batch = 0; batch < 5; batch++) {
      for (let i = 0; i < 300; i++) {
        wanted.push(`${batch} ${i}`);
        publisher.stdin.write(`${batch} ${i}\n`);
      }
      await stage.pass(2);
      stage.breakConnections();
      await stage.pass(3000);
    }
    publisher.stdin.end();
    expect(await stage.ended(publisher)).toBe(0);
    await stage.pass(5000);
    const received = subscriber.out.lines;
    expect(new Set(received)).toEqual(new Set(wanted));
    // Doubles only repeat what came before; the first of each come in order.
    expect([...new Set(received)]).toEqual(wanted);
    await stage.gateway.stop();
  });

  it('does not read more of a long input than it can send', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub(protocol, ['news']);
    const line = `${'x'.repeat(999)}\n`;
    let written = 0;
    // Before there is a connection nothing is confirmed: the outbox fills, and reading stops.
    while (publisher.stdin.write(line.repeat(10)) && written < 10_000) written += 10;
    for (let i = 0; i < 500; i++) publisher.stdin.write(line.repeat(10));
    expect(publisher.stdin.readableLength).toBeGreaterThan(0);
    publisher.stdin.end();
    expect(await stage.ended(publisher)).toBe(0);
    await stage.gateway.stop();
  });

  it('ends with 1 when it is interrupted before everything has arrived, with 0 after', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub(protocol, ['news']);
    publisher.stdin.write('one\n');
    publisher.interrupt();
    expect(await stage.ended(publisher)).toBe(1);
    await stage.gateway.stop();
  });

  it('says why a gateway does not take it, and ends with 1', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub(protocol, ['bad..topic', 'x']);
    expect(await stage.ended(publisher)).toBe(1);
    expect(publisher.err.lines).toHaveLength(1);
    expect(publisher.err.text).toMatch(protocol === 'ws' ? /the server answered 400 Bad Request: / : /^sluice: /);
    await stage.gateway.stop();
  });

  it('gives up after the rounds it is allowed', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub(protocol, ['news', 'x', '--retries', '2', '--url', `${protocol}://127.0.0.1:9`]);
    expect(await stage.ended(publisher)).toBe(1);
    await stage.gateway.stop();
    expect(publisher.err.lines.map((line) => line.replace(/\d+$/, 'N'))).toEqual([
      expect.stringMatching(/^sluice: 127\.0\.0\.1 port \d+: connect failed: connectionRefused/),
      'sluice: trying again in 0.5 s',
      expect.stringMatching(/^sluice: 127\.0\.0\.1 port \d+: connect failed: connectionRefused/),
    ]);
  });
});

describe('sluice pub', () => {
  it('shows a token to a gateway that asks for one', async () => {
    const token = 'a-long-enough-secret-token';
    const stage = await ClientStage.start({ auth: { tokens: [token] } });
    const stranger = stage.pub('ws', ['news', 'x']);
    expect(await stage.ended(stranger)).toBe(1);
    expect(stranger.err.text).toMatch(/the server answered 401 Unauthorized/);
    for (const options of [{ argv: ['--token', token] }, { argv: [], env: { SLUICE_TOKEN: token } }]) {
      expect(await stage.ended(stage.pub('ws', ['news', 'x', ...options.argv], options))).toBe(0);
    }
    await stage.gateway.stop();
  });

  it('ends with 1 at a line that is too long for a gateway', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub('command', ['news', 'x'.repeat(20_000)]);
    expect(await stage.ended(publisher)).toBe(1);
    expect(publisher.err.text).toMatch(/too large/);
    await stage.gateway.stop();
  });

  it('refuses what it cannot understand with 2, before anything is connected', async () => {
    const stage = await ClientStage.start();
    for (const [argv, text] of [
      [[], /expected a topic/],
      [['news.>', 'hello'], /^sluice pub: expected one topic to publish to, got the pattern "news\.>"$/m],
      [['news', 'two', 'words'], /words: unexpected argument/],
      [['news', '--retries', 'many'], /--retries: expected a whole number/],
      [['news', '--colour', 'red'], /--colour/],
    ] as const) {
      const publisher = stage.pub('ws', argv);
      expect(await stage.ended(publisher)).toBe(2);
      expect(publisher.err.text).toMatch(text);
    }
    await stage.gateway.stop();
  });

  it('shows progress on a terminal', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub('ws', ['news'], { isTerminal: true });
    publisher.stdin.write('hello\n');
    await stage.pass(1500);
    expect(publisher.err.text).toContain('1 sent  1/s  5 B/s  connected');
    publisher.stdin.end();
    expect(await stage.ended(publisher)).toBe(0);
    expect(publisher.err.text.endsWith('\n')).toBe(true);
    await stage.gateway.stop();
  });
});

describe('what arrived', () => {
  it('is in the history', async () => {
    const stage = await ClientStage.start();
    expect(await stage.ended(stage.pub('ws', ['news', 'kept']))).toBe(0);
    expect(await historyOf(stage, 'news')).toEqual(['kept']);
    await stage.gateway.stop();
  });
});

describe('a token that may only read', () => {
  it('ends sluice pub at once, and with the reason', async () => {
    const stage = await ClientStage.start({ auth: { tokens: ['all'], readTokens: ['reader'] } });
    const publisher = stage.pub('ws', ['--token', 'reader', 'news', 'hello']);
    expect(await stage.ended(publisher)).toBe(1);
    expect(publisher.err.text).toContain('4403: this socket is read-only');
    expect(stage.gateway.gateway.hub.stats().publications).toBe(0);
    await stage.gateway.stop();
  });
});
