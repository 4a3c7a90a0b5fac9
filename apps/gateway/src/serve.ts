// `sluice serve`: runs the gateway until it is told to stop.
//
// The first SIGTERM or SIGINT drains, a second one stops at once; SIGHUP takes the configuration anew. One line on standard output says where it listens; logs
// go to standard error.

import { rmSync, writeFileSync } from 'node:fs';
import type { PeerAddress, Transport } from '@sluice/transport';
import { createNodeTransport } from '@sluice/transport-node';
import { EventLoop } from '@sluice/supervision';
import * as Effect from 'effect/Effect';
import * as Queue from 'effect/Queue';
import { inheritedSockets, withInherited, type InheritedSocket } from './adoption/inherited-sockets.ts';
import type { ExitStatus, ServeRequest } from './cli/index.ts';
import { formatProblem, type GatewayConfig } from './config/index.ts';
import { problemDocument, problemType } from './http/problem.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { LineWriter } from './log/line-writer.ts';
import { Log } from './log/log.ts';

/** Lines waiting for a slow reader of the log. */
const maxLogBytes = 1024 * 1024;
/**
 * The share of the descriptor limit above which connections are refused. Not the 0.7 of the system this rule comes from: files and
 * listeners need few descriptors here, and 20,000 of them should hold 15,000 connections.
 */
const overloadShare = 0.95;

/** What a peer gets that is one too many, before anything of it is read. */
const overloadDocument = problemDocument({ status: 503, detail: 'There are more connections than this server holds.' });
const overloadAnswer = Buffer.from(
  `HTTP/1.1 503 Service Unavailable\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(overloadDocument)}\r\n` +
    `Retry-After: 1\r\nConnection: close\r\n\r\n${overloadDocument}`,
);

/** Resolves with the exit status once everything has been released. */
export async function serve({ loaded, reload }: ServeRequest): Promise<ExitStatus> {
  const { tls } = loaded;
  const writer = new LineWriter(process.stderr, maxLogBytes);
  const log = new Log(writer, loaded.config.log.level);
  const inherited = inheritedSockets(process.env, process.pid);
  const transport: Transport = createNodeTransport({ overloadShare, overloadAnswer: () => overloadAnswer });
  const program = Effect.gen(function* () {
    const nextSignal = yield* stopSignals;
    const { config, unused } = yield* Effect.try({ try: () => withInherited(loaded.config, inherited), catch: (error) => error as Error });
    for (const { descriptor, name } of unused) log.warn('a socket that was passed is not used by any listener', { descriptor, name });
    const hangUps = yield* reloadSignals;
    yield* pidFile(config.pidFile);
    const gateway = yield* startGateway({
      config,
      tls,
      transport,
      log,
      accessWriter: config.log.access ? writer : null,
      wallClock: Date.now,
      random: Math.random,
    });
    hangUps.each(() => reloadInto(gateway, reload, inherited, log));
    process.stdout.write(readyLine(gateway, config));
    // For people only: programs read the one line.
    if (process.stderr.isTTY && gateway.admin !== null && config.inspection.enabled) {
      process.stderr.write(`inspector ${urlOf(config.tls.admin ? 'https' : 'http', gateway.admin)}inspector/\n`);
    }
    yield* nextSignal;
    const open = gateway.registry.size;
    log.info('draining', { connections: open });
    const cutShort = Effect.map(nextSignal, () => ({ drained: open - gateway.registry.size, aborted: gateway.registry.size }));
    const { drained, aborted } = yield* Effect.raceFirst(gateway.drain, cutShort);
    log.info('stopped', { drained, aborted });
    return 0 as ExitStatus;
  });
  const status = await Effect.runPromise(
    program.pipe(
      Effect.scoped,
      Effect.provide(EventLoop.layer),
      Effect.catch((error) =>
        Effect.sync((): ExitStatus => {
          process.stderr.write(`${startFailure(error)}\n`);
          return 1;
        }),
      ),
    ),
  );
  writer.flush();
  return status;
}

function readyLine({ http, https, command, tls, admin }: Gateway, config: GatewayConfig): string {
  const urls = [...http.map((address) => urlOf('http', address)), ...https.map((address) => urlOf('https', address))];
  for (const address of command) urls.push(`command ${urlOf(tls === null ? 'tcp' : 'tls', address)}`);
  if (admin !== null) urls.push(`admin ${urlOf(config.tls.admin ? 'https' : 'http', admin)}`);
  return `listening ${urls.join(' ')}\n`;
}

function urlOf(scheme: string, { host, port }: PeerAddress): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

function startFailure(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Waits for one SIGTERM or SIGINT after the other. Until the scope closes none is missed, whatever happens meanwhile. */
const stopSignals = Effect.gen(function* () {
  const signals = yield* Queue.unbounded<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals): void => void Queue.offerUnsafe(signals, signal);
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on('SIGTERM', onSignal).on('SIGINT', onSignal)),
    () => Effect.sync(() => process.removeListener('SIGTERM', onSignal).removeListener('SIGINT', onSignal)),
  );
  return Queue.take(signals);
});

/**
 * Until the scope closes no SIGHUP ends the process, as it would with nobody to hear it. Of those that come before there is somebody (the pid
 * file is there before the listeners are) one is remembered.
 */
const reloadSignals = Effect.gen(function* () {
  let isDue = false;
  let callback = (): void => void (isDue = true);
  const onHangUp = (): void => callback();
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on('SIGHUP', onHangUp)),
    () => Effect.sync(() => process.removeListener('SIGHUP', onHangUp)),
  );
  return {
    /** Calls back at each from now on, and at once for those that have come. */
    each: (reload: () => void): void => {
      callback = reload;
      if (isDue) reload();
    },
  };
});

/** A configuration with a problem changes nothing: what runs goes on as it is. */
function reloadInto(gateway: Gateway, reload: ServeRequest['reload'], inherited: readonly InheritedSocket[], log: Log): void {
  const loaded = reload();
  if (!loaded.ok) {
    for (const problem of loaded.problems) log.error('configuration not reloaded', { problem: formatProblem(problem) });
    return;
  }
  for (const warning of loaded.warnings) log.warn('configuration', { problem: formatProblem(warning) });
  let waiting: string[];
  try {
    waiting = gateway.reload(addressesOf(loaded.config, inherited), loaded.tls);
  } catch (error) {
    // Certificates are the first that it takes, so nothing else has changed either.
    log.error('configuration not reloaded', { problem: startFailure(error) });
    return;
  }
  log.info('configuration reloaded', waiting.length === 0 ? {} : { needRestart: waiting.join(' ') });
}

/** A setting that cannot be met any more waits for a restart like any other. */
function addressesOf(config: GatewayConfig, inherited: readonly InheritedSocket[]): GatewayConfig {
  try {
    return withInherited(config, inherited).config;
  } catch {
    return config;
  }
}

/** The file holds the process id while the scope is open. */
const pidFile = Effect.fnUntraced(function* (path: string | null) {
  if (path === null) return;
  yield* Effect.acquireRelease(
    Effect.try({
      try: () => writeFileSync(path, `${process.pid}\n`),
      catch: (error) => new Error(`the pid file cannot be written: ${(error as Error).message}`),
    }),
    () => Effect.sync(() => rmSync(path, { force: true })),
  );
});

