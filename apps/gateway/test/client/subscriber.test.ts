import { describe, expect, it } from 'vitest';
import { ClientStage, protocols } from './console.ts';

describe.each(protocols)('a subscriber over %s', (protocol) => {
  it('says what is missing when history has not lasted', async () => {
    const stage = await ClientStage.start({ history: { count: 2 } });
    for (let i = 1; i <= 5; i++) stage.publish('news', String(i));
    const { epoch } = stage.gateway.gateway.hub;
    const subscriber = stage.sub(protocol, ['news', '--since', `${epoch}:0`, '--count', '2']);
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.out.lines).toEqual(['4', '5']);
    expect(subscriber.err.text).toMatch(/^sluice: .*messages of news are missing.*\n$/);
    await stage.gateway.stop();
  });

  it('is not told again of what is missing when it comes back without a new message', async () => {
    const stage = await ClientStage.start({ history: { count: 2, ageMs: 1000 } });
    const { hub, registry } = stage.gateway.gateway;
    for (let i = 1; i <= 5; i++) stage.publish('news', String(i));
    stage.gateway.pass(5000);
    const subscriber = stage.sub(protocol, ['news', '--since', `${hub.epoch}:0`, '--count', '1']);
    await stage.until(() => subscriber.err.text.includes('missing'));
    for (let i = 0; i < 3; i++) {
      for (const connection of registry.all()) connection.abort('aborted');
      await stage.until(() => hub.stats().subscriptions === 0);
      await stage.until(() => hub.stats().subscriptions === 1);
    }
    stage.publish('news', '6');
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.out.lines).toEqual(['6']);
    expect(subscriber.err.text.match(/missing/g)).toHaveLength(1);
    await stage.gateway.stop();
  });

  it('begins with the history that it asked for, once, through a lost connection', async () => {
    const stage = await ClientStage.start();
    for (let i = 1; i <= 5; i++) stage.publish('news', String(i));
    const subscriber = stage.sub(protocol, ['news', '--history', '2', '--count', '4']);
    await stage.until(() => subscriber.out.lines.length === 2);
    const { hub, registry } = stage.gateway.gateway;
    for (const connection of registry.all()) connection.abort('aborted');
    await stage.until(() => hub.stats().subscriptions === 0);
    stage.publish('news', '6');
    await stage.until(() => hub.stats().subscriptions === 1);
    stage.publish('news', '7');
    expect(await stage.ended(subscriber)).toBe(0);
    expect(subscriber.out.lines).toEqual(['4', '5', '6', '7']);
    await stage.gateway.stop();
  });

  it('prints binary messages byte by byte', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing(protocol, ['news', '--count', '1']);
    const bytes: Buffer[] = [];
    subscriber.out._write = (chunk: Buffer, _encoding, done) => {
      bytes.push(chunk);
      done();
    };
    stage.gateway.gateway.hub.publish('news', Uint8Array.of(0xff, 0, 0xfe), 0, 3, 'binary');
    expect(await stage.ended(subscriber)).toBe(0);
    expect(Buffer.concat(bytes)).toEqual(Buffer.from([0xff, 0, 0xfe, 0x0a]));
    await stage.gateway.stop();
  });
});

describe('a subscriber over WebSocket', () => {
  it('ends with 1 at a server that does not speak sluice.v1', async () => {
    const stage = await ClientStage.start();
    const subscriber = await stage.hearing('ws', ['news']);
    // What a server without the sub-protocol would send.
    const [connection] = stage.gateway.gateway.registry.all();
    (connection!.session as unknown as { send(opcode: 1, bytes: Uint8Array): void }).send(1, Buffer.from('not JSON'));
    expect(await stage.ended(subscriber)).toBe(1);
    expect(subscriber.err.text).toBe('sluice: the server does not speak sluice.v1\n');
    await stage.gateway.stop();
  });
});
