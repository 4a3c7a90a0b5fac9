// One simulation: a gateway, some clients, faults, and rules that hold at every event and at the end. Everything follows from the seed, so
// there is no TLS here: its keys come from elsewhere, and with them the sizes of what is sent.

import { closeReasons, type Connection } from '@sluice/connection';
import type { Publication } from '@sluice/hub';
import { breakingFaults, harmlessFaults, Random, type FaultPlan } from '@sluice/transport-memory';
import { type ClientHalf, Follower, Nuisance, Poster, SocketFollower, StreamFollower, Violation, type World } from './simulated-clients.ts';
import { CommandFollower, Hasty, TaggedSocket } from './simulated-crowd.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

/** What a run came to: figures that show it was not an empty one. */
export interface SimulationSummary {
  readonly publications: number;
  readonly deliveries: number;
  readonly connections: number;
  readonly gaps: number;
  /** Publications over the command protocol, messages by tag, and rates set on a connection. */
  readonly acknowledged: number;
  readonly tagged: number;
  readonly throttles: number;
  readonly closes: ReadonlyMap<string, number>;
  readonly events: number;
  readonly wasChoked: boolean;
}

const windowBytes = 16 * 1024;
const largestPayload = 4000;
/** The envelope or the event around a payload, or the document around two of them. */
const largestMessage = 2 * (largestPayload + 200) + 400;
const topics = ['exact.a', 'exact.b', 'lossy.a', 'latest.a'];
/** Whose clients are held to a rate; this machine's own are not. */
const ratedHost = '10.0.0.1';
/** Connections after these are without breaks, so that every run ends. */
const brokenConnections = 40;

export async function simulate(seed: number): Promise<SimulationSummary> {
  const random = new Random(seed, 0xc11e);
  const breaks = breakingFaults(30_000, random.below(2) === 0 ? 0.4 : 0.1);
  const isBusy = random.below(3) === 0;
  const faults: FaultPlan = (connection, direction, linkRandom) => {
    const some = (connection < brokenConnections ? breaks : harmlessFaults)(connection, direction, linkRandom);
    // Where much is sent, byte by byte would only take longer.
    const least = isBusy ? 1000 : 1;
    return {
      ...some,
      ...(some.largestRead === undefined ? {} : { largestRead: Math.max(least, some.largestRead) }),
      ...(some.largestWrite === undefined ? {} : { largestWrite: Math.max(least, some.largestWrite) }),
    };
  };
  const gateway = await SimulatedGateway.start({
    seed,
    faults,
    pipeBytes: random.below(2) === 0 ? 8 * 1024 : 64 * 1024,
    network: { hosts: ['127.0.0.1', ratedHost] },
    config: {
      http: ['127.0.0.1:0', `${ratedHost}:0`],
      command: ['127.0.0.1:0'],
      insecure: true,
      windows: { outboundBytes: windowBytes, sharedWriteBytes: 4096 },
      limits: { maxMessageBytes: 2 * largestPayload, maxBodyBytes: 2 * largestPayload, peerMessagesPerSecond: 5, maxPeerMessageBurst: 10 },
      timeouts: { pingIntervalMs: 5000, idleTimeoutMs: 15_000 },
      history: { count: random.below(3) === 0 ? 6 : 1000 },
      slowSubscriber: {
        overrides: [
          { pattern: 'lossy.>', policy: 'dropOldest' },
          { pattern: 'latest.>', policy: 'conflate' },
        ],
      },
    },
  });
  try {
    return await run(gateway, random, isBusy);
  } finally {
    await gateway.running.stop();
  }
}

async function run(gateway: SimulatedGateway, random: Random, isBusy: boolean): Promise<SimulationSummary> {
  const { registry, hub } = gateway.running.gateway;
  const truth = new Map<string, string[]>(topics.map((topic) => [topic, []]));
  const witness = hub.join({
    id: 'witness',
    info: null,
    deliver(publication: Publication) {
      const { topic, offset, payload } = publication;
      const published = truth.get(topic)!;
      if (published.length !== offset - 1) throw new Violation(`${topic}:${offset} follows ${published.length}`);
      published.push(Buffer.from(payload.bytes!.subarray(payload.start, payload.start + payload.length)).toString());
      return true;
    },
    gap() {},
    evict() {},
  });
  witness.subscribe('>');

  const world: World = { gateway, random, truth, beginning: `${hub.epoch}:0` };
  const oneOf = <T>(values: readonly T[]): T => values[random.below(values.length)]!;
  const sockets = Array.from({ length: 1 + random.below(3) }, (_, i) => new SocketFollower(world, `socket${i}`, oneOf(topics)));
  const streams = Array.from({ length: 1 + random.below(2) }, (_, i) => {
    return new StreamFollower(world, `stream${i}`, oneOf([...topics, 'exact.>']));
  });
  const commands = Array.from({ length: random.below(3) }, (_, i) => {
    return new CommandFollower(world, `command${i}`, oneOf([...topics, 'exact.>']));
  });
  const tagged = Array.from({ length: random.below(3) }, (_, i) => new TaggedSocket(world, `tagged${i}`, oneOf(['a', 'b'])));
  const followers: Follower<ClientHalf>[] = [...sockets, ...streams, ...commands];
  const posters = Array.from({ length: 1 + random.below(2) }, (_, i) => new Poster(world, `poster${i}`));
  const nuisances = [
    ...(random.below(4) === 0 ? [new Nuisance(world, 'half', 'halfRequest', oneOf(topics))] : []),
    ...(random.below(3) === 0 ? [new Nuisance(world, 'deaf', 'neverReads', oneOf(topics))] : []),
    ...(random.below(5) === 0 ? [new Nuisance(world, 'greedy', 'asksForTooMuch', oneOf(topics))] : []),
    ...(random.below(8) === 0 ? [new Nuisance(world, 'noise', 'garbage', oneOf(topics))] : []),
  ];
  const hasty = random.below(4) === 0 ? [new Hasty(world, 'hasty', oneOf(topics))] : [];
  const clients = [...followers, ...posters, ...tagged, ...nuisances, ...hasty];
  for (const client of clients) gateway.network.clock.schedule(random.below(200), () => client.connect());

  // Something is done every so often, until enough was. In a busy run that is more than windows and pipes hold.
  let left = 30 + random.below(60);
  let throttles = 0;
  const act = (): void => {
    if (left-- > 0) gateway.network.clock.schedule(random.below(120), act);
    const filling = 'x'.repeat(random.below(isBusy ? 2 : 8) === 0 ? random.below(largestPayload - 40) : random.below(60));
    const what = random.below(26);
    if (what < 9) oneOf(posters).publish(oneOf(topics), filling);
    else if (what < 15) burst(oneOf(sockets), filling);
    else if (what < 17) oneOf(posters).read(oneOf(topics), 1 + random.below(2));
    else if (what < 18) pause(oneOf(followers));
    else if (what < 19) oneOf(followers).connection?.endpoint.abort();
    else if (what < 20) oneOf([...registry.all(), null])?.drain();
    else if (what < 23) oneOf([...commands, null])?.publish(oneOf(topics), filling);
    else if (what < 24) sendToTag(oneOf(['a', 'b']));
    else throttle(oneOf([...registry.all(), null]));
  };
  let tagMessages = 0;
  const sendToTag = (tag: string): void => void hub.sendTextByTag(tag, Buffer.from(`${tag} ${++tagMessages}`));
  /** For a while; or until the next time. */
  const throttle = (connection: Connection | null): void => {
    if (connection === null) return;
    const direction = oneOf(['in', 'out'] as const);
    connection.setThrottle(direction, 4000 + random.below(60_000));
    throttles++;
    gateway.network.clock.schedule(random.below(4000), () => connection.setThrottle(direction, 0));
  };
  const burst = (socket: SocketFollower, filling: string): void => {
    for (let more = isBusy ? random.below(12) : 0; more >= 0; more--) socket.publish(filling);
  };
  const pause = (follower: Follower<ClientHalf>): void => {
    const { connection } = follower;
    if (connection === null) return;
    connection.endpoint.setReading(false);
    gateway.network.clock.schedule(random.below(3000), () => connection.endpoint.setReading(true));
  };
  gateway.network.clock.schedule(100, act);

  let wasChoked = false;
  let events = 0;
  const observe = (): void => {
    events++;
    for (const connection of registry.all()) {
      const { queuedBytes, endpoint, session, state } = connection;
      if (state.phase === 'established' && endpoint.queuedBytes >= windowBytes) {
        wasChoked = true;
        if (!state.paused) throw new Violation(`${connection.sessionId} is read though its window is full`);
      }
      if (queuedBytes > windowBytes + largestMessage) throw new Violation(`${connection.sessionId} has ${queuedBytes} bytes queued`);
      if (session.heldBytes > 64 * 1024 + 4 * largestPayload) throw new Violation(`${connection.sessionId} holds ${session.heldBytes} bytes`);
    }
  };
  const observing = (condition: () => boolean) => (): boolean => {
    observe();
    return condition();
  };

  const served = (): boolean => left < 0 && followers.every((one) => one.isUpToDate) && posters.every((one) => one.isIdle || one.connection === null);
  if (!gateway.settle(observing(served), 600_000)) {
    const behind = followers.filter((one) => !one.isUpToDate).map((one) => `${one.name} on ${one.pattern}`);
    throw new Violation(`behind after ten minutes: ${behind.join(', ')}`);
  }
  checkOrder(truth);

  const ending = random.below(3);
  if (ending < 2) {
    for (const client of clients) client.finish(ending === 0);
    if (!gateway.settle(observing(() => registry.size === 0), 1_800_000)) {
      throw new Violation(`still open: ${[...registry.all()].map((one) => `${one.session.protocol} ${one.state.label}`).join(', ')}`);
    }
    const { members, subscriptions } = hub.stats();
    if (members !== 1 || subscriptions !== 1 || gateway.loop.wheel.size !== 0) {
      throw new Violation(`left: ${members - 1} members, ${subscriptions - 1} subscriptions, ${gateway.loop.wheel.size} deadlines`);
    }
  } else {
    for (const client of clients) client.finish(false);
  }
  witness.leave();
  const { deliveries, publications, failures } = hub.stats();
  if (failures > 0) throw new Violation('a subscriber of the hub threw');
  await gateway.stopAndCheck();

  let closed = 0;
  for (const [reason, count] of registry.closes()) {
    if (!closeReasons.includes(reason)) throw new Violation(`closed for ${reason}`);
    closed += count;
  }
  if (closed !== registry.opened) throw new Violation(`${registry.opened} opened, ${closed} closed`);
  if (registry.closes().get('internalError') !== 0) throw new Violation('an exception in a session');
  const closes = new Map([...registry.closes()].filter(([, count]) => count > 0));
  return {
    publications,
    deliveries,
    connections: registry.opened,
    gaps: followers.reduce((sum, { gaps }) => sum + gaps, 0),
    acknowledged: commands.reduce((sum, one) => sum + one.acknowledged, 0),
    tagged: tagged.reduce((sum, { heard }) => sum + heard, 0),
    throttles,
    closes,
    events,
    wasChoked,
  };
}

/** What was published over one connection stands in the order in which it was sent, each once. */
function checkOrder(truth: World['truth']): void {
  const last = new Map<string, number>();
  for (const [topic, published] of truth) {
    for (const message of published) {
      const [name, number] = message.split(' ');
      const key = `${topic} ${name}`;
      if (Number(number) <= (last.get(key) ?? 0)) throw new Violation(`${key}: ${number} follows ${last.get(key)}`);
      last.set(key, Number(number));
    }
  }
}
