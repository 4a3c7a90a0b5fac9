// `sluice serve`: runs the gateway until it is told to stop.
//
// The first SIGTERM or SIGINT drains, a second one stops at once; SIGHUP reloads the configuration. One line on standard output says where it listens; logs
// go to standard error. A service manager is notified of each step.

import type { PeerAddress, Transport } from '@sluice/transport';
import { createNodeTransport, descriptorLimit } from '@sluice/transport-node';
import { EventLoop } from '@sluice/supervision';
import * as Deferred from 'effect/Deferred';
import * as Effect from 'effect/Effect';
import { inheritedSockets, withInherited, type InheritedSocket } from './adoption/inherited-sockets.ts';
import type { ExitStatus, ServeRequest } from './cli/index.ts';
import { formatProblem, listenerSpelling, type GatewayConfig } from './config/index.ts';
import { DescriptorBudget } from './limits/descriptor-budget.ts';
import { FailureLog } from './log/failure-log.ts';
import { problemDocument, problemType } from './http/problem.ts';
import { holdPidFile, pidFileIsFree } from './pid-file.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { ListenersFailed } from './listeners-failed.ts';
import { LineWriter } from './log/line-writer.ts';
import { Log } from './log/log.ts';
import { ServiceManager } from './service-manager/service-manager.ts';
import { stopSignals } from './stop-signals.ts';
import { watchUnexpectedErrors } from './unexpected-errors.ts';

/** Lines waiting for a slow reader of the log. */
const maxLogBytes = 1024 * 1024;
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
  const failures = new FailureLog(log, () => performance.now());
  const descriptors = new DescriptorBudget(descriptorLimit(), loaded.config.static.maxOpenFiles);
  const transport: Transport = createNodeTransport({
    overloadDescriptor: descriptors.maxConnection,
    makeRoom: () => descriptors.makeRoom(),
    overloadAnswer: () => overloadAnswer,
  });
  const program = Effect.gen(function* () {
    const nextSignal = yield* stopSignals;
    const fault = yield* programFault(failures);
    const { config, unused } = yield* Effect.try({ try: () => withInherited(loaded.config, inherited), catch: (error) => error as Error });
    const few = descriptors.scarceConnections;
    if (few !== null) log.warn('the limit of open files leaves room for few connections: raise it with ulimit -n, or LimitNOFILE= in a systemd unit', { limit: descriptorLimit(), connections: few });
    for (const { descriptor, name } of unused) log.warn('a socket that was passed is not used by any listener', { descriptor, name });
    const hangUps = yield* reloadSignals;
    const manager = yield* Effect.acquireRelease(
      Effect.sync(() => new ServiceManager({ env: process.env, pid: process.pid, onFailure: (error) => log.warn('the service manager was not notified', { error }) })),
      (manager) => Effect.promise(() => manager.close()),
    );
    yield* pidFileIsFree(config.pidFile);
    const gateway = yield* startGateway({
      config,
      tls,
      transport,
      descriptors,
      log,
      accessWriter: config.log.access ? writer : null,
      wallClock: Date.now,
      random: Math.random,
    });
    yield* holdPidFile(config.pidFile);
    process.stdout.write(readyLine(gateway, config));
    manager.ready('Serving');
    hangUps.each(() => {
      manager.reloading();
      const isTaken = reloadInto(gateway, reload, inherited, log);
      if (isTaken) gateway.metrics.reloads.accepted(Date.now());
      else gateway.metrics.reloads.rejected();
      manager.ready(isTaken ? 'Serving' : 'Serving; the new configuration was rejected, see the log');
    });
    // For people only: programs read the one line.
    if (process.stderr.isTTY && gateway.admin !== null && config.inspection.enabled) {
      process.stderr.write(`inspector ${urlOf(config.tls.admin ? 'https' : 'http', gateway.admin)}inspector/\n`);
    }
    const exitStatus: ExitStatus = yield* Effect.raceFirst(Effect.as(nextSignal, 0 as const), Effect.as(fault, 1 as const));
    const open = gateway.registry.size;
    log.info('draining', { connections: open });
    manager.stopping(`Draining ${open} connections`);
    const cutShort = Effect.map(nextSignal, () => ({ drained: open - gateway.registry.size, aborted: gateway.registry.size }));
    const { drained, aborted } = yield* Effect.raceFirst(gateway.drain, cutShort);
    log.info('stopped', { drained, aborted });
    return exitStatus;
  });
  const status = await Effect.runPromise(
    program.pipe(
      Effect.scoped,
      Effect.provide(EventLoop.reporting((error) => failures.report('a timer', error))),
      Effect.catch((error) =>
        Effect.sync((): ExitStatus => {
          process.stderr.write(`${error instanceof ListenersFailed ? error.describe(listenerSpelling(loaded.sources)) : startFailure(error)}\n`);
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

/** Resolves with what waits for the first error that nobody caught and that is a fault in the program. Until the scope closes none ends the process. */
const programFault = Effect.fnUntraced(function* (failures: FailureLog) {
  const fault = yield* Deferred.make<void>();
  yield* Effect.acquireRelease(
    Effect.sync(() => watchUnexpectedErrors(failures, () => Deferred.doneUnsafe(fault, Effect.void))),
    (stop) => Effect.sync(stop),
  );
  return Deferred.await(fault);
});

/**
 * Until the scope closes no SIGHUP ends the process, as it would with nobody to hear it. One of those that come
 * while the gateway starts is remembered.
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

/** Returns whether the configuration was taken. One with a problem changes nothing. */
function reloadInto(gateway: Gateway, reload: ServeRequest['reload'], inherited: readonly InheritedSocket[], log: Log): boolean {
  const loaded = reload();
  if (!loaded.ok) {
    for (const problem of loaded.problems) log.error('configuration not reloaded', { problem: formatProblem(problem) });
    return false;
  }
  for (const warning of loaded.warnings) log.warn('configuration', { problem: formatProblem(warning) });
  let waiting: string[];
  try {
    waiting = gateway.reload(addressesOf(loaded.config, inherited), loaded.tls);
  } catch (error) {
    // Certificates are the first that it takes, so nothing else has changed either.
    log.error('configuration not reloaded', { problem: startFailure(error) });
    return false;
  }
  log.info('configuration reloaded', waiting.length === 0 ? {} : { needRestart: waiting.join(' ') });
  return true;
}

/** A setting that cannot be met any more waits for a restart like any other. */
function addressesOf(config: GatewayConfig, inherited: readonly InheritedSocket[]): GatewayConfig {
  try {
    return withInherited(config, inherited).config;
  } catch {
    return config;
  }
}
