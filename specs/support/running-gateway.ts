// A gateway inside the test's own process, on real sockets or on the network in memory, with everything a spec wants to look at
// afterwards: its registry, hub, pools and log lines.

import { Writable } from 'node:stream';
import { LineWriter, loadConfig, Log, startGateway, type Gateway, type GatewayConfig } from '@sluice/gateway';
import { EventLoop } from '@sluice/supervision';
import type { Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';

export interface RunningGatewayOptions {
  /** As in a configuration file; the listeners are on free ports of 127.0.0.1 unless they are given. */
  readonly config?: Record<string, unknown>;
  readonly transport?: Transport;
  /** Node's own by default. */
  readonly loop?: Layer.Layer<EventLoop>;
  readonly wallClock?: () => number;
  readonly random?: () => number;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly wsUrl: string;
  readonly adminUrl: string;
  readonly port: number;
  /** Parsed log lines so far. */
  readonly lines: Record<string, unknown>[];
  /** Closes its scope: everything is ended and released. Again is harmless. */
  stop(): Promise<void>;
}

export function configOf(settings: Record<string, unknown> = {}): GatewayConfig {
  const file = { http: ['127.0.0.1:0'], admin: '127.0.0.1:0', demo: true, ...settings };
  const loaded = loadConfig({ argv: ['--config', 'spec.json'], env: {}, readFile: () => JSON.stringify(file) });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  return loaded.config;
}

export async function runGateway(options: RunningGatewayOptions = {}): Promise<RunningGateway> {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) if (line !== '') lines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const writer = new LineWriter(sink, 64 * 1024 * 1024);
  const scope = await Effect.runPromise(Scope.make());
  const start = startGateway({
    config: configOf(options.config),
    transport: options.transport ?? createNodeTransport({ overloadShare: 1 }),
    log: new Log(writer, 'info'),
    accessWriter: writer,
    wallClock: options.wallClock ?? Date.now,
    random: options.random ?? Math.random,
  });
  // The event loop's layer lives as long as the gateway does: it is built in the same scope, before it.
  const gateway = await Effect.runPromise(
    Effect.flatMap(Layer.buildWithScope(options.loop ?? EventLoop.layer, scope), (context) =>
      Scope.provide(Effect.provide(start, context), scope),
    ),
  );
  const { host, port } = gateway.http[0]!;
  let stopping: Promise<void> | null = null;
  return {
    gateway,
    url: `http://${host}:${port}`,
    wsUrl: `ws://${host}:${port}`,
    adminUrl: gateway.admin === null ? '' : `http://${gateway.admin.host}:${gateway.admin.port}`,
    port,
    lines,
    stop: () => (stopping ??= Effect.runPromise(Scope.close(scope, Exit.void))),
  };
}

/** Waits until the condition holds; for what the gateway does by itself. Fails with what it was waiting for. */
export async function eventually(what: string, condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
