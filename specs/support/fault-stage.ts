// Where a scenario is played: a gateway in virtual time, victims who do what the scenario says and of whose operations one fails, and
// bystanders on the same topic who must notice nothing. `playScenario` plays one, then looks for what is left.

import type { Endpoint } from '@sluice/transport';
import type { Publication } from '@sluice/hub';
import { Random } from '@sluice/transport-memory';
import { secureEndpoint, type TlsClientContexts } from '@sluice/transport-tls';
import * as Effect from 'effect/Effect';
import { FaultyTransport, type FaultMode, FaultPoints, type Patches } from './fault-points.ts';
import { RawPeer } from './raw-peer.ts';
import { Poster, SocketFollower, StreamFollower, type World } from './simulated-clients.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

export const topic = 'news';
const historyAgeMs = 60_000;

export interface Scenario {
  readonly config: Record<string, unknown>;
  /** Of each connection, each way. Default: the network's. */
  readonly pipeBytes?: number;
  /** What the gateway may keep when everybody has gone: its cache of files. */
  readonly keeps?: { readonly bytes: number; readonly handles: number };
  /** Victims speak TLS: real time passes too, as Node's streams need it. */
  readonly isSecure?: boolean;
  /** Ends with `stage.finish()`; what victims have seen goes to `stage.seen`. */
  run(stage: FaultStage): Promise<void>;
}

export interface ScenarioOutcome {
  readonly points: FaultPoints;
  /** What went wrong besides the injected failure; empty when all is well. */
  readonly problems: string[];
  /** What the victims saw, to be sure that the run without a failure does what it is meant to. */
  readonly seen: readonly string[];
}

export interface PlayOptions {
  readonly scenario: Scenario;
  readonly mode: FaultMode;
  /** 0 for none. */
  readonly point: number;
  readonly patches: Patches;
}

/** How a victim's connection is ended from its own side. */
interface Wire {
  readonly port: number;
  reset(): void;
  end(): void;
  /** Ends whatever is left of it. */
  leave(): void;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What one read or one write of TLS needs of Node's loop, where its streams are in between. */
const turnsPerEvent = 4;
async function turns(): Promise<void> {
  for (let turn = 0; turn < turnsPerEvent; turn++) await nextTurn();
}

export class FaultStage {
  readonly gateway: SimulatedGateway;
  readonly points: FaultPoints;
  readonly world: World;
  readonly seen: string[] = [];
  readonly problems: string[] = [];
  readonly poster: Poster;
  readonly followers: readonly (SocketFollower | StreamFollower)[];
  readonly #wires: Wire[] = [];
  readonly #endpoints = new Set<Endpoint>();
  readonly #isSecure: boolean;
  readonly #leaveWitness: () => void;

  private constructor(gateway: SimulatedGateway, points: FaultPoints, isSecure: boolean) {
    this.gateway = gateway;
    this.points = points;
    this.#isSecure = isSecure;
    const { hub } = gateway.running.gateway;
    const truth = new Map<string, string[]>([[topic, []]]);
    const witness = hub.join({
      id: 'witness',
      info: null,
      deliver({ payload }: Publication) {
        truth.get(topic)!.push(Buffer.from(payload.bytes!.subarray(payload.start, payload.start + payload.length)).toString());
        return true;
      },
      gap() {},
      evict() {},
    });
    witness.subscribe(topic);
    this.#leaveWitness = () => witness.leave();
    this.world = { gateway, random: new Random(1), truth, beginning: `${hub.epoch}:0` };
    this.followers = [new SocketFollower(this.world, 'socket', topic), new StreamFollower(this.world, 'stream', topic)];
    this.poster = new Poster(this.world, 'poster');
    points.peerFault = (port, how) => {
      const wire = this.#wires.find((one) => one.port === port);
      if (how === 'reset') wire?.reset();
      else wire?.end();
    };
  }

  static async start({ scenario: { config, pipeBytes, isSecure = false }, mode, point }: PlayOptions): Promise<FaultStage> {
    const points = new FaultPoints(mode, point);
    const gateway = await SimulatedGateway.start({
      seed: 1,
      around: (transport) => new FaultyTransport(transport, points, { throws: !isSecure }),
      config: { ...config, history: { ageMs: historyAgeMs } },
      ...(pipeBytes !== undefined && { pipeBytes }),
    });
    const stage = new FaultStage(gateway, points, isSecure);
    const { registry, hub } = gateway.running.gateway;
    for (const bystander of stage.bystanders) bystander.connect();
    gateway.settle(() => registry.size === 3 && hub.stats().members === 3);
    stage.poster.publish(topic, 'the first');
    gateway.settle(() => stage.poster.acknowledged === 1);
    return stage;
  }

  get bystanders(): readonly (Poster | SocketFollower | StreamFollower)[] {
    return [...this.followers, this.poster];
  }

  // What a scenario does

  /** The endpoint of a victim's new connection; `make` takes it over. */
  connect<T extends { readonly endpoint: Endpoint }>(make: (endpoint: Endpoint) => T, address = this.gateway.address): T {
    const { points, gateway } = this;
    let victim: T | null = null;
    points.takesVictims = true;
    gateway.network.connect(address, {
      onConnect: (endpoint) => {
        points.takesVictims = false;
        this.#wires.push({
          port: endpoint.local.port,
          reset: () => endpoint.abort(),
          end: () => endpoint.shutdown(),
          leave: () => victim?.endpoint.abort(),
        });
        victim = make(endpoint);
      },
      onFailure(error) {
        throw error;
      },
    });
    gateway.settle(() => victim !== null);
    for (const { endpoint } of gateway.running.gateway.registry.all()) this.#endpoints.add(endpoint);
    return victim!;
  }

  connectRaw(address?: { host: string; port: number }): RawPeer {
    return this.connect((endpoint) => new RawPeer(endpoint), address);
  }

  connectSecurely(address: { host: string; port: number }, contexts: TlsClientContexts): RawPeer {
    return this.connect((endpoint) => new RawPeer(secureEndpoint(endpoint, { role: 'client', contexts, serverName: 'localhost' })), address);
  }

  /** By which a victim's connection goes. */
  portOf({ endpoint }: { readonly endpoint: Endpoint }): number {
    return endpoint.local.port;
  }

  /** The gateway's side of a victim's connection, while it is there. */
  connectionOf(victim: { readonly endpoint: Endpoint }) {
    return [...this.gateway.running.gateway.registry.all()].find(({ endpoint }) => endpoint.peer.port === victim.endpoint.local.port);
  }

  /** Waits for the victim, who may be gone by now. */
  until(victim: { readonly isClosed: boolean; readonly hasEnded: boolean }, condition: () => boolean, withinMs = 20_000): Promise<void> {
    return this.settle(() => condition() || victim.isClosed || victim.hasEnded, withinMs).then(() => {});
  }

  /** Turns the loop until the condition holds. */
  async settle(condition: () => boolean, withinMs = 60_000): Promise<boolean> {
    const { gateway } = this;
    if (!this.#isSecure) return gateway.settle(condition, withinMs);
    const latest = gateway.nowMs + withinMs;
    let holds = false;
    await gateway.network.until(() => (holds = condition()) || gateway.nowMs > latest, turns);
    return holds;
  }

  /** Waits for what takes real time, files and promises, while no virtual time passes. */
  async settleReal(condition: () => boolean): Promise<void> {
    const { clock } = this.gateway.network;
    const startedAt = performance.now();
    while (!condition() && performance.now() - startedAt < 2000) {
      while (clock.nextAt() <= clock.now()) clock.step();
      await nextTurn();
    }
  }

  /** A bystander publishes. */
  async publish(): Promise<void> {
    const { poster } = this;
    const { acknowledged } = poster;
    poster.publish(topic, 'to everybody');
    await this.settle(() => poster.acknowledged > acknowledged, 5000);
  }

  // What is true of every scenario

  /** Nobody else has noticed; then everybody goes, and the gateway drains. */
  async finish(): Promise<void> {
    const { gateway, problems, followers, poster } = this;
    const { registry } = gateway.running.gateway;
    await this.publish();
    if (!(await this.settle(() => followers.every((one) => one.isUpToDate)))) problems.push('a bystander did not get everything');
    for (const one of this.bystanders) if (one.connections !== 1 || one.connection === null) problems.push(`${one.name} was disturbed`);
    if (poster.acknowledged !== poster.sent) problems.push('a publication of a bystander was not taken');

    for (const one of this.bystanders) one.finish(true);
    await this.settle(() => this.bystanders.every(({ connection }) => connection === null));
    let result: { drained: number; aborted: number } | null = null;
    const draining = Effect.runPromise(gateway.running.gateway.drain).then((done) => (result = done));
    await gateway.network.until(() => result !== null, this.#isSecure ? turns : nextTurn);
    await draining;
    if (registry.size > 0) problems.push(`${registry.size} connections survived the drain`);
    // Clients whose endpoint the gateway has left alone by now have nobody to talk to.
    for (const wire of this.#wires) wire.leave();
    await nextTurn();
  }

  /** What is left while the gateway still runs, the witness apart, when history has become too old; and after it has stopped. */
  async close({ bytes: keptBytes, handles: keptHandles } = { bytes: 0, handles: 0 }): Promise<void> {
    const { gateway, problems } = this;
    const { hub, registry, pool, metrics } = gateway.running.gateway;
    for (const one of this.bystanders) one.finish(false);
    if (registry.size !== 0) problems.push(`${registry.size} connections are open`);
    if (gateway.loop.wheel.size !== 0) problems.push(`${gateway.loop.wheel.size} deadlines are armed`);
    gateway.pass(historyAgeMs + 5000);
    const { members, subscriptions, tags } = hub.stats();
    if (members !== 1 || subscriptions !== 1 || tags !== 0) problems.push(`${members - 1} members, ${subscriptions - 1} subscriptions and ${tags} tags are in the hub`);
    const { bytes, handles } = pool.outstanding();
    if (bytes > keptBytes || handles > keptHandles) problems.push(`${bytes} bytes and ${handles} handles are outstanding`);
    // An entry that nobody holds is gone by now.
    const rates = /^sluice_rate_peers (\d+)$/m.exec(metrics.format())?.[1];
    if (rates !== '0') problems.push(`${rates} rates are held`);
    const unclosed = [...this.#endpoints].filter((endpoint) => 'state' in endpoint && endpoint.state !== 'closed');
    if (unclosed.length > 0) problems.push(`${unclosed.length} secure endpoints have not ended`);
    this.#leaveWitness();
    try {
      await gateway.stopAndCheck();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
}

export async function playScenario(options: PlayOptions): Promise<ScenarioOutcome> {
  const { scenario, patches } = options;
  const stage = await FaultStage.start(options);
  const { points, problems } = stage;
  patches.points = points;
  const rejections: string[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(String(reason));
  process.on('unhandledRejection', onRejection);
  try {
    await scenario.run(stage);
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    patches.points = null;
    process.off('unhandledRejection', onRejection);
  }
  await stage.close(scenario.keeps);
  problems.push(...points.escaped.map((text) => `escaped: ${text}`), ...rejections.map((text) => `unhandled rejection: ${text}`));
  return { points, problems, seen: stage.seen };
}
