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
    expect(subscriber.err.text).toMatch(/^gateway: .*messages of news are missing.*\n$/);
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
    expect(subscriber.err.text).toBe('gateway: the server does not speak sluice.v1\n');
    await stage.gateway.stop();
  });
});
