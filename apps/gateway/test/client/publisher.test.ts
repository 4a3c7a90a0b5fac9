import { describe, expect, it } from 'vitest';
import { ClientStage, protocols } from './console.ts';

describe.each(protocols)('a publisher over %s', (protocol) => {
  it('sends again what came too fast, until all of it has arrived', async () => {
    const stage = await ClientStage.start({ limits: { peerMessagesPerSecond: 10, maxPeerMessageBurst: 10, exemptLoopback: false } });
    const publisher = stage.pub(protocol, ['news', '--retries', '0']);
    const wanted = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    publisher.stdin.end(`${wanted.join('\n')}\n`);
    expect(await stage.ended(publisher)).toBe(0);
    const { epoch } = stage.gateway.gateway.hub;
    await stage.pass(60_000);
    const reader = stage.sub('ws', ['news', '--since', `${epoch}:0`]);
    await stage.pass(1000);
    expect(new Set(reader.out.lines)).toEqual(new Set(wanted));
    reader.interrupt();
    await stage.ended(reader);
    await stage.gateway.stop();
  });

  it('keeps what is binary as it is', async () => {
    const stage = await ClientStage.start();
    const publisher = stage.pub(protocol, ['news']);
    publisher.stdin.end(Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
    expect(await stage.ended(publisher)).toBe(0);
    const history = stage.gateway.connect().request('GET /topics/news');
    expect(history).toContain(`"base64":"${Buffer.from([0xff, 0x00, 0xfe]).toString('base64')}"`);
    await stage.gateway.stop();
  });
});
