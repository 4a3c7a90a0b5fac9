import { describe, expect, it } from 'vitest';
import { ClientStage, protocols, type Protocol } from '../client/console.ts';

describe.each(protocols)('sluice sub over %s', (protocol: Protocol) => {
  it('prints each message as a line, and ends in order when it is interrupted', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news']);
    stage.publish('news', 'first');
    stage.publish('news', 'zweite, übrigens');
    await stage.until(() => subscriber.out.lines.length === 2);
    expect(subscriber.out.lines).toEqual(['first', 'zweite, übrigens']);
    expect(subscriber.err.text).toBe('');
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.until(() => stage.gateway.gateway.registry.size === 0);
    await stage.gateway.stop();
  });

  it('ends by itself after so many messages, and prints no more', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news', '--count', '2']);
    for (let i = 1; i <= 5; i++) stage.publish('news', String(i));
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.out.lines).toEqual(['1', '2']);
    await stage.gateway.stop();
  });

  it('begins behind a position', async () => {
    const stage = await ClientStage.start();
    for (let i = 1; i <= 3; i++) stage.publish('news', String(i));
    const { epoch } = stage.gateway.gateway.hub;
    const subscriber = stage.sub(protocol, ['news', '--since', `${epoch}:1`, '--count', '2']);
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.out.lines).toEqual(['2', '3']);
    await stage.gateway.stop();
  });

  it('hears a pattern of topics, also after a break', async () => {
    const stage = await ClientStage.start();
    const subscriber = stage.sub(protocol, ['news.>']);
    await stage.pass(100);
    stage.publish('news.eu', 'one');
    await stage.pass(100);
    stage.breakConnections();
    stage.publish('news.us', 'two');
    stage.publish('sports', 'not this');
    stage.publish('news.eu', 'three');
    await stage.pass(5000);
    expect(subscriber.out.lines).toEqual(['one', 'two', 'three']);
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });

  it('resumes without loss or repetition through many breaks, the first before any message', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news']);
    // The gateway's word on where it begins is what there is to resume from.
    await stage.pass(5);
    const wanted: string[] = [];
    for (let round = 0; round < 15; round++) {
      stage.breakConnections();
      for (let i = 0; i < 20; i++) {
        wanted.push(`${round} ${i}`);
        stage.publish('news', `${round} ${i}`);
      }
      await stage.pass(round % 3 === 0 ? 1 : 40_000);
    }
    await stage.pass(60_000);
    expect(subscriber.out.lines).toEqual(wanted);
    expect(subscriber.err.text).toContain('trying again in');
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });

  it('reads no further while its own reader takes nothing, and loses nothing by it', async () => {
    const stage = await ClientStage.start({ history: { count: 5000, bytes: 50_000_000 } });
    const subscriber = await stage.hearing(protocol, ['news']);
    subscriber.out.hold();
    const wanted: string[] = [];
    for (let i = 0; i < 2000; i++) {
      wanted.push(`${i} ${'x'.repeat(1000)}`);
      stage.publish('news', wanted.at(-1)!);
      if (i % 100 === 99) await stage.pass(10);
    }
    await stage.pass(1000);
    // What one read of the network brought, and no more, waits in this process.
    expect(subscriber.out.writableLength).toBeLessThan(200_000);
    subscriber.out.release();
    await stage.until(() => subscriber.out.lines.length === 2000);
    expect(subscriber.out.lines).toEqual(wanted);
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });

  it('ends with 1 when its last message cannot be written', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news', '--count', '1']);
    subscriber.out._write = (_chunk, _encoding, done: (error: Error) => void) => done(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    stage.publish('news', 'lost');
    expect(await stage.ended(subscriber)).toBe(1);
    expect(subscriber.err.lines).toEqual(['sluice: standard output: ENOSPC: no space left on device, write']);
    await stage.gateway.stop();
  });

  it('ends quietly with 0 when its reader has gone', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news']);
    subscriber.out.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    stage.publish('news', 'to nobody');
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.err.text).toBe('');
    await stage.gateway.stop();
  });

  it('says what the gateway does not like, and ends with 1', async () => {
    const stage = await ClientStage.start();
    const subscriber = stage.sub(protocol, ['news', '--since', 'nonsense']);
    expect(await stage.ended(subscriber)).toBe(1);
    expect(subscriber.err.text).toMatch(/EPOCH:OFFSET/);
    await stage.gateway.stop();
  });

  it('waits for a gateway that drains, as long as that asks for', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news']);
    for (const connection of stage.gateway.gateway.registry.all()) connection.drain();
    await stage.until(() => subscriber.err.lines.length === 2);
    expect(subscriber.err.lines[1]).toMatch(/^sluice: trying again in \d+\.\d s$/);
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });
});

describe('sluice sub', () => {
  it('obeys nothing in a message on a terminal, and shows totals and rates', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news'], { isTerminal: true });
    stage.publish('news', 'red \u001b[31m and \u0007 tab\tstays');
    await stage.pass(1500);
    expect(subscriber.out.text).toBe('red \ufffd[31m and \ufffd tab\tstays\n');
    expect(subscriber.err.text).toContain('1 received  1/s  25 B/s  connected');
    subscriber.interrupt();
    expect(await stage.ended(subscriber)).toBe(0);
    await stage.gateway.stop();
  });

  it('refuses what it cannot understand with 2', async () => {
    const stage = await ClientStage.start();
    for (const [argv, text] of [
      [[], /expected a topic/],
      [['a', 'b'], /b: unexpected argument/],
      [['a', '--count', '-1'], /--count/],
      [['a', '--cert', 'x.pem'], /--cert: .*ENOENT/s],
    ] as const) {
      const subscriber = stage.sub('ws', argv);
      expect(await stage.ended(subscriber)).toBe(2);
      expect(subscriber.err.text).toMatch(text);
    }
    await stage.gateway.stop();
  });
});

it('a refusal within the protocol ends sluice sub as one in HTTP does', async () => {
  const stage = await ClientStage.start({ auth: { tokens: ['hush'] }, refusals: 'inBand' });
  const subscriber = stage.sub('ws', ['news']);
  expect(await stage.ended(subscriber)).toBe(1);
  expect(subscriber.err.text).toContain('need a bearer token');
  await stage.gateway.stop();
});
