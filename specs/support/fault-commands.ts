// A command session's life, with an operation that fails: greeting, requests answered at once, a publication, a subscription and its
// messages, replay, a reminder, what is wrong with a request and with the protocol, QUIT, a drain with a reminder outstanding.

import { readMessages, request } from './command-wire.ts';
import { topic, type FaultStage, type Scenario } from './fault-stage.ts';
import type { RawPeer } from './raw-peer.ts';

/** In the clear; every peer's rate is looked at. */
export const commandSession: Scenario = {
  config: { command: ['127.0.0.1:0'], commandPeers: { idleTimeoutMs: 10_000 }, limits: { exemptLoopback: false } },
  run,
};

/** Start lines of what has come behind the greeting. */
export function linesOf({ received }: RawPeer): string[] {
  if (!received.startsWith('OK\r\n')) return [];
  return readMessages(received.slice('OK\r\n'.length)).messages.map(({ line }) => line);
}

async function run(stage: FaultStage): Promise<void> {
  const { gateway, world } = stage;
  const connect = (): RawPeer => stage.connectRaw(gateway.running.gateway.command[0]);
  const one = connect();
  const answered = (count: number): Promise<void> => stage.until(one, () => linesOf(one).length >= count);
  await stage.until(one, () => one.received.startsWith('OK\r\n'));
  one.send(request('PING', 1) + request('ECHO a b', 2) + request('HELP', 3));
  await answered(3);
  one.send(request(`SUBSCRIBE ${topic}`, 4, '', `Since: ${world.beginning}`));
  await answered(5);
  one.send(request(`PUBLISH ${topic}`, 5, 'from a command') + request(`HISTORY ${topic}`, 6) + request(`PRESENCE ${topic}`, 7));
  await answered(9);
  await stage.publish();
  await answered(10);
  one.send(request('REMIND 2 wake up', 8) + request('NONSENSE', 9) + request(`PUBLISH ${topic}.*`, 10, 'x'));
  await answered(13);
  one.send(request(`UNSUBSCRIBE ${topic}`, 11));
  await answered(14);
  const silent = connect();
  const broken = connect();
  broken.send('PING\r\nno header\r\n\r\n');
  const cut = connect();
  cut.send('PUBLISH news\r\nSequence: 1\r\nSize: 10\r\n\r\nhalf');
  const gone = connect();
  gone.send(request(`SUBSCRIBE ${topic}`, 1) + request('REMIND 3600 never', 2));
  await stage.until(gone, () => linesOf(gone).length === 1);
  cut.endpoint.shutdown();
  await stage.until(cut, () => cut.isClosed);
  gone.endpoint.abort();
  const drained = connect();
  drained.send(request(`SUBSCRIBE ${topic}`, 1) + request('REMIND 3600 later', 2));
  await stage.until(drained, () => linesOf(drained).length === 1);
  one.send(request('QUIT', 12));
  await stage.until(one, () => one.isClosed);
  // The goodbye of whoever says nothing.
  await stage.until(silent, () => silent.isClosed, 30_000);
  await stage.finish();
  stage.seen.push(...linesOf(one), '/', ...linesOf(silent), '/', ...linesOf(drained), '/', broken.received.split('\r\n').slice(0, 2).join(' '));
}
