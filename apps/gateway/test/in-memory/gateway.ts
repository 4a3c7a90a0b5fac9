// A whole gateway on the network in memory, in virtual time. Nothing happens in it but when the network is run.

import { EventLoop, type EventLoopShape } from '@sluice/supervision';
import type { PeerAddress, Transport } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import * as Clock from 'effect/Clock';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { loadConfig, type GatewayConfig, type LoadedConfig } from '../../src/config/index.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import type { TlsMaterial } from '../../src/tls/material.ts';
import { endOfTurn, LineReader } from '../log/lines.ts';
import { MemoryClient } from './client.ts';
import { effectClock } from './effect-clock.ts';

/** Content by path. */
export type Files = Readonly<Record<string, string>>;

/** Listeners on free ports, and the demo, unless the settings say otherwise. `files` are those that the settings name. */
export function loadedOf(settings: Record<string, unknown> = {}, files: Files = {}): LoadedConfig {
  const file = { http: ['127.0.0.1:0'], admin: '127.0.0.1:0', demo: true, ...settings };
  const readFile = (path: string): string => (path === 'test.json' ? JSON.stringify(file) : (files[path] ?? ''));
  const loaded = loadConfig({ argv: ['--config', 'test.json'], env: {}, readFile });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  return loaded;
}

export function configOf(settings: Record<string, unknown> = {}): GatewayConfig {
  return loadedOf(settings).config;
}

/** What all gateways in memory take for the time of day: 1970 unless a test sets it. */
export const wallTime = { nowMs: 0 };

export interface StartedGateway {
  readonly gateway: Gateway;
  readonly reader: LineReader;
  /** Closes its scope. */
  stop(): Promise<void>;
}

/** Starts a gateway in a scope of its own, which is closed again when that fails. */
export async function start(
  config: GatewayConfig,
  transport: Transport,
  loop: Layer.Layer<EventLoop>,
  tls: TlsMaterial | null = null,
): Promise<StartedGateway> {
  const reader = new LineReader();
  const writer = new LineWriter(reader, 1024 * 1024);
  const scope = Effect.runSync(Scope.make());
  const stop = () => Effect.runPromise(Scope.close(scope, Exit.void));
  const options = { config, tls, transport, log: new Log(writer, 'info'), accessWriter: writer, wallClock: () => wallTime.nowMs, random: () => 0.5 };
  const started = Effect.flatMap(Layer.buildWithScope(loop, scope), (context) => Scope.provide(Effect.provide(startGateway(options), context), scope));
  try {
    return { gateway: await Effect.runPromise(started), reader, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export class GatewayInMemory {
  readonly network: MemoryNetwork;
  readonly loop: EventLoopShape;
  readonly gateway: Gateway;
  readonly stop: () => Promise<void>;
  readonly #reader: LineReader;

  private constructor(network: MemoryNetwork, loop: EventLoopShape, { gateway, reader, stop }: StartedGateway) {
    this.network = network;
    this.loop = loop;
    this.gateway = gateway;
    this.#reader = reader;
    this.stop = stop;
  }

  /** `transport` stands in front of the network's own. */
  static async start(
    settings: Record<string, unknown> = {},
    network = new MemoryNetwork({ seed: 1 }),
    transport: Transport = network.transport,
    files: Files = {},
  ): Promise<GatewayInMemory> {
    const layer = EventLoop.virtual(network.clock);
    let loop: EventLoopShape | null = null;
    const seen = Layer.tap(layer, (context) => Effect.sync(() => (loop = Context.get(context, EventLoop))));
    const { config, tls } = loadedOf(settings, files);
    const started = await start(config, transport, seen, tls);
    return new GatewayInMemory(network, loop!, started);
  }

  connect(address: PeerAddress = this.gateway.http[0]!): MemoryClient {
    return MemoryClient.connect(this.network, address);
  }

  connectAdmin(): MemoryClient {
    return this.connect(this.gateway.admin!);
  }

  /** Lets so much virtual time pass. */
  pass(ms: number): void {
    const until = this.network.clock.now() + ms;
    this.network.clock.schedule(ms, () => {});
    this.network.run(() => this.network.clock.now() >= until);
  }

  /** Runs an effect of the gateway's to its end, the network with it. */
  async run<Value>(effect: Effect.Effect<Value>): Promise<Value> {
    let result: Exit.Exit<Value> | null = null;
    const inVirtualTime = Effect.provideService(effect, Clock.Clock, effectClock(this.network.clock));
    void Effect.runPromiseExit(inVirtualTime).then((exit) => (result = exit));
    await this.network.until(() => result !== null, endOfTurn);
    return Effect.runPromise(result!);
  }

  /** What was logged so far. */
  async lines(): Promise<Record<string, unknown>[]> {
    await endOfTurn();
    return this.#reader.lines;
  }
}
