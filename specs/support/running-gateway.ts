// A gateway inside the test's own process, on real sockets or on the network in memory, with everything a spec wants to look at
// afterwards: its registry, hub, pools and log lines.

import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { LineWriter, loadConfig, Log, startGateway, type Gateway, type LoadedConfig } from '@sluice/gateway';
import { EventLoop } from '@sluice/supervision';
import type { Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { isOverTls, markSecure, tlsSettings } from './secure.ts';
import { patienceMs } from './patience.ts';

export interface RunningGatewayOptions {
  /** As in a configuration file; the listeners are on free ports of 127.0.0.1 unless they are given. */
  readonly config?: Record<string, unknown>;
  readonly transport?: Transport;
  /** The http listeners speak TLS. Default: as the spec was told (`secure.ts`); never on a transport of the spec's own. */
  readonly tls?: boolean;
  /** Node's own by default. */
  readonly loop?: Layer.Layer<EventLoop>;
  readonly wallClock?: () => number;
  readonly random?: () => number;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  /** `http://127.0.0.1:PORT`, without a slash at the end; `https:` and `wss:` over TLS. */
  readonly url: string;
  readonly wsUrl: string;
  readonly adminUrl: string;
  readonly port: number;
  /** Parsed log lines so far. */
  readonly lines: Record<string, unknown>[];
  /** Closes its scope: everything is ended and released. Again is harmless. */
  stop(): Promise<void>;
}

function load(settings: Record<string, unknown> = {}): LoadedConfig {
  const file = { http: ['127.0.0.1:0'], admin: '127.0.0.1:0', demo: true, ...settings };
  const readFile = (path: string): string => (path === 'spec.json' ? JSON.stringify(file) : readFileSync(path, 'utf8'));
  const loaded = loadConfig({ argv: ['--config', 'spec.json'], env: {}, readFile });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ where, message }) => `${where}: ${message}`).join('\n'));
  return loaded;
}

export async function runGateway(options: RunningGatewayOptions = {}): Promise<RunningGateway> {
  const { tls: isSecure = options.transport === undefined && isOverTls() } = options;
  const settings = isSecure ? { ...options.config, tls: { ...(await tlsSettings()), ...(options.config?.['tls'] as object) } } : options.config;
  const { config, tls } = load(settings);
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
    config,
    tls,
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
  // A gateway without listeners of its own has connections brought to it.
  const { host, port } = [...gateway.https, ...gateway.http][0] ?? { host: '', port: 0 };
  const secured = gateway.https.length > 0 ? 's' : '';
  for (const address of gateway.https) markSecure(address.port);
  let stopping: Promise<void> | null = null;
  return {
    gateway,
    url: `http${secured}://${host}:${port}`,
    wsUrl: `ws${secured}://${host}:${port}`,
    adminUrl: gateway.admin === null ? '' : `http://${gateway.admin.host}:${gateway.admin.port}`,
    port,
    lines,
    stop: () => (stopping ??= Effect.runPromise(Scope.close(scope, Exit.void))),
  };
}

/** Waits until the condition holds; for what the gateway does by itself. Fails with what it was waiting for. */
export async function eventually(what: string, condition: () => boolean, timeoutMs = patienceMs()): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
