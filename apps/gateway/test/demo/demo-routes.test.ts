import { expect, it } from 'vitest';
import { GatewayInMemory } from '../in-memory/gateway.ts';

const paths = ['/echo', '/mirror', '/increment', '/echogen', '/fraggle', '/ping', '/status'];

it.each(paths)('%s is there with --demo, needs an upgrade, and is not there without', async (path) => {
  const memory = await GatewayInMemory.start();
  expect(memory.connect().request(`GET ${path}`)).toMatch(/^HTTP\/1\.1 426 /);
  memory.connect().upgrade(path);
  await memory.stop();
  const without = await GatewayInMemory.start({ demo: false });
  expect(without.connect().request(`GET ${path}`)).toMatch(/^HTTP\/1\.1 404 /);
  await without.stop();
});

it('lets go of everything when the gateway stops, with all of them in use', async () => {
  const memory = await GatewayInMemory.start();
  const clients = paths.map((path) => {
    const client = memory.connect();
    client.upgrade(path);
    client.endpoint.setReading(false);
    return client;
  });
  clients[1]!.sendFrame('x'.repeat(5000));
  memory.pass(2500);
  const { pool } = memory.gateway;
  await memory.stop();
  memory.network.run();
  expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
});

it('takes the mirror’s ring and grace from the settings', async () => {
  const memory = await GatewayInMemory.start({ mirror: { maxFrames: 8, graceMs: 500 }, windows: { outboundBytes: 16 * 1024, sharedWriteBytes: 4096 } });
  const [sender, slow] = [memory.connect(), memory.connect()];
  for (const client of [sender, slow]) client.upgrade('/mirror');
  slow.endpoint.setReading(false);
  for (let i = 0; i < 200; i++) sender.sendFrame(`${i} `.padEnd(1000, '.'));
  memory.pass(400);
  expect(sender.frames().length).toBeLessThan(200);
  memory.pass(20_000);
  expect(memory.gateway.registry.closes().get('slowConsumer')).toBe(1);
  await memory.stop();
});
