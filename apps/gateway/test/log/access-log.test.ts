// The lines of the access log, as a gateway writes them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessLog } from '../../src/log/access-log.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';

let running: GatewayInMemory;

beforeEach(async () => {
  running = await GatewayInMemory.start();
});

afterEach(() => running.stop());

async function only(log: string): Promise<Record<string, unknown>> {
  const found = (await running.lines()).filter((line) => line['log'] === log);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('request lines', () => {
  it('say who asked for what, and what came of it', async () => {
    const client = running.connect();
    client.send('POST /topics/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe');
    running.pass(1500);
    client.send('llo');
    const reply = client.reply();
    running.pass(1);
    const line = await only('request');
    expect(line).toEqual({
      time: expect.any(String),
      log: 'request',
      connection: [...running.gateway.registry.all()][0]!.id,
      peer: '127.0.0.1',
      method: 'POST',
      target: '/topics/a',
      status: 200,
      bytesIn: 5,
      bytesOut: reply.length - reply.indexOf('\r\n\r\n') - 4,
      durationMs: 1500,
    });
  });

  it.each([
    ['/topics/a?access_token=hush', '/topics/a?access_token=***'],
    ['/topics/a?since=1&access_token=hush&limit=2', '/topics/a?since=1&access_token=***&limit=2'],
    ['/topics/a?access_token=hush&access_token=hush', '/topics/a?access_token=***&access_token=***'],
    ['/topics/a?access%5Ftoken=hush', '/topics/a?access_token=***'],
    ['/topics/a??access_token=hush', '/topics/a?access_token=***'],
    ['/topics/a?x=access_token', '/topics/a?x=access_token'],
    ['/topics/access_token=shown', '/topics/access_token=shown'],
  ])('of %s show %s', async (target, shown) => {
    running.connect().request(`GET ${target}`);
    running.pass(1);
    expect((await only('request'))['target']).toBe(shown);
  });

  it('say what went wrong, with a reply that never left whole', async () => {
    const client = running.connect();
    client.send('POST /topics/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe');
    running.pass(1);
    client.endpoint.abort();
    running.pass(1);
    expect(await only('request')).toMatchObject({ status: 0, bytesIn: 2, error: 'transportError' });
  });
});

describe('close lines', () => {
  it('say how long it lived, in which protocol it ended, and why', async () => {
    const client = running.connect();
    client.upgrade('/echo');
    running.pass(2000);
    client.sendFrame('\x03\xe8', 8);
    running.network.run(() => running.gateway.registry.size === 0);
    expect(await only('close')).toEqual({
      time: expect.any(String),
      log: 'close',
      connection: expect.any(Number),
      peer: '127.0.0.1',
      port: client.endpoint.local.port,
      protocol: 'websocket',
      reason: 'peerClosed',
      bytesIn: client.endpoint.bytesOut,
      bytesOut: client.endpoint.bytesIn,
      ageMs: 2000,
    });
  });
});

describe('without a writer', () => {
  it('nothing is read of what is not logged', () => {
    const log = new AccessLog(null, { now: () => 0 });
    const untouchable = new Proxy({}, { get: () => expect.unreachable() }) as never;
    log.request(untouchable, null);
    log.closed(untouchable, 'served');
  });
});
