// The gateway put together: hub, sessions, listeners, admin. Over any transport and any event loop, so that a process, a test and
// a simulation run the same thing.

import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from '@sluice/brigade';
import { HttpSession, type HttpHandler, type TimeoutSettings, type WindowSettings } from '@sluice/connection';
import { Http1Engine, type Http1Limits } from '@sluice/http1';
import { Hub, type TopicLimits, type TopicRule } from '@sluice/hub';
import {
  ConnectionRegistry,
  EventLoop,
  drain,
  superviseIntake,
  superviseListener,
  type DrainResult,
  type Intake,
  type IntakeOptions,
  type ListenerOptions,
  type SupervisedListener,
} from '@sluice/supervision';
import type { Endpoint, PeerAddress, Transport } from '@sluice/transport';
import type { NodeListenOptions } from '@sluice/transport-node';
import { secureTransport, type TlsContexts } from '@sluice/transport-tls';
import type { Clock } from '@sluice/timing';
import { ZlibDeflate } from '@sluice/websocket/zlib';
import * as Effect from 'effect/Effect';
import type * as Scope from 'effect/Scope';
import { Adoption } from './adoption/adoption.ts';
import type { UpgradeRequest } from './adoption/node-upgrade.ts';
import { AdminHandler } from './admin/admin-handler.ts';
import { GatewayMetrics } from './admin/metrics.ts';
import { ResponseCounts } from './admin/response-counts.ts';
import type { TrafficCounters } from './admin/traffic.ts';
import { ClientAddressing } from './client-address/client-addressing.ts';
import { proxyDoubts } from './client-address/proxy-doubts.ts';
import { TrustedProxies } from './client-address/trusted-proxies.ts';
import { commandListener, overloadRefusal } from './command/command-listener.ts';
import { CommandPeers } from './command/command-peers.ts';
import { defineMessageEncodings } from './command/message-encodings.ts';
import { isLoopback, parseAddress, type GatewayConfig } from './config/index.ts';
import { exposedByReload } from './config/rules.ts';
import { asksForCertificates, hasCertificate, listenerAddresses } from './config/secure-addresses.ts';
import { listenAddress } from './config/shared-ports.ts';
import { DemoRoutes } from './demo/demo-routes.ts';
import { TokenCheck } from './http/auth.ts';
import { Credentials } from './http/credentials.ts';
import { GatewayHandler, type Route } from './http/gateway-handler.ts';
import { retryHints } from './http/retry-hint.ts';
import { DescriptorBudget } from './limits/descriptor-budget.ts';
import { ExemptPeers } from './limits/exempt-peers.ts';
import { PeerRates } from './limits/peer-rates.ts';
import { OriginPolicy } from './http/origin.ts';
import { OwnNamesOnly } from './http/own-names.ts';
import { replyProblem } from './http/reply.ts';
import { ListenerStart } from './listener-start.ts';
import type { ListenersFailed } from './listeners-failed.ts';
import { AccessLog } from './log/access-log.ts';
import { failureText } from './log/failure.ts';
import type { LineWriter } from './log/line-writer.ts';
import type { Log } from './log/log.ts';
import { addressText } from './inspection/connection-facts.ts';
import { makeGatewayInspection } from './inspection/gateway-inspection.ts';
import { InBandRefusals } from './sockets/in-band-refusals.ts';
import { RefusedConnections } from './proxy-protocol/refusals.ts';
import { proxyProtocolTransport } from './proxy-protocol/transport.ts';
import { SocketUpgrades } from './sockets/upgrades.ts';
import { OpenFiles } from './static/open-files.ts';
import { StaticFiles } from './static/static-files.ts';
import { HttpDate } from './http/date.ts';
import { GatewayTls } from './tls/gateway-tls.ts';
import { logCertificates, logTlsForm } from './tls/certificate-log.ts';
import { HandshakeFailures } from './tls/handshake-failures.ts';
import type { TlsMaterial } from './tls/material.ts';
import { defineEncodings } from './topics/encodings.ts';
import { TopicRoutes } from './topics/topic-routes.ts';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Certificates, where the configuration has some. */
  readonly tls?: TlsMaterial | null;
  readonly transport: Transport;
  readonly log: Log;
  /** Where access lines go; null for none. */
  readonly accessWriter: LineWriter | null;
  /** How the process's descriptors are shared out. Default: as if there were no limit. */
  readonly descriptors?: DescriptorBudget;
  /** Milliseconds since 1970, for what people read: Date fields and publications. */
  readonly wallClock: () => number;
  /** For epochs: 0 ≤ x < 1. */
  readonly random: () => number;
}

export interface Gateway {
  /** Where topics and files are served in clear text, and where over TLS. */
  readonly http: readonly PeerAddress[];
  readonly https: readonly PeerAddress[];
  /** The command protocol: over TLS where there are certificates. */
  readonly command: readonly PeerAddress[];
  /** Null without certificates. */
  readonly tls: GatewayTls | null;
  readonly admin: PeerAddress | null;
  readonly hub: Hub;
  readonly registry: ConnectionRegistry;
  readonly pool: Pool;
  readonly metrics: GatewayMetrics;
  readonly listeners: readonly SupervisedListener[];
  /** Takes a connection that something else accepted, over any transport, as if one of the http listeners had: `leftover` is read first. */
  adopt(endpoint: Endpoint, leftover?: Uint8Array): void;
  /**
   * For a node:http or node:https server's `upgrade` event: the request is answered here. Never throws: false says that the socket was
   * closed, and the log says why.
   */
  adoptUpgrade(request: UpgradeRequest, socket: Duplex, head: Uint8Array): boolean;
  /**
   * Takes what can change while it runs from another configuration: tokens, origins, trusted proxies, thumbprints, the rates of later connections, the log's
   * level, certificates and what belongs to them. Answers the names of the groups and settings that differ beside these: they wait for a restart.
   * @throws Error where that would open an address of now to other machines with nobody authenticated; nothing has changed then
   */
  reload(next: GatewayConfig, tls?: TlsMaterial | null): string[];
  /** Not ready from here on; after `drain.delayMs` stops accepting, ends connections at the configured pace, aborts at the deadline. */
  readonly drain: Effect.Effect<DrainResult>;
}

const publicDirectory = fileURLToPath(new URL('../public', import.meta.url));
const sweepMs = 1000;
/** Oftener, and less each time: there may be an entry for every address of a large crowd. */
const ratesSweepMs = 250;
const pageHeaders = [
  'Content-Security-Policy',
  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'no-referrer',
];

/** Starts everything; when the scope closes, everything has ended and nothing is held. */
export const startGateway = Effect.fn('startGateway')(function* (
  options: GatewayOptions,
): Effect.fn.Return<Gateway, ListenersFailed, EventLoop | Scope.Scope> {
  const { config, transport, log } = options;
  const loop = yield* EventLoop;
  const { clock } = loop;
  const pool = yield* Effect.acquireRelease(
    Effect.sync(() => new Pool('gateway')),
    (pool) => Effect.sync(() => pool.destroy()),
  );
  const hub = yield* Effect.acquireRelease(
    Effect.sync(() => makeHub(options, clock, pool)),
    (hub) => Effect.sync(() => hub.destroy()),
  );
  const traffic: TrafficCounters = { messagesIn: 0, messagesOut: 0 };
  const responses = new ResponseCounts();
  const accessLog = new AccessLog(options.accessWriter, clock, ({ status }) => responses.count(status));
  const handshakes = new HandshakeFailures();
  const registry = new ConnectionRegistry({
    onClosed: (connection, reason) => {
      accessLog.closed(connection, reason);
      const failed = handshakes.closed(connection);
      if (failed === null) return;
      const error = connection.failure === null ? reason : failureText(connection.failure);
      log.debug('a TLS handshake failed', { connection: connection.id, peer: connection.endpoint.peer.host, reason: failed, error });
    },
    onCrash: (connection, error) => log.error('a session failed', { connection: connection.id, error: describeError(error) }),
  });
  const adminRegistry = new ConnectionRegistry({
    onClosed: () => {},
    onCrash: (connection, error) => log.error('an admin session failed', { connection: connection.id, error: describeError(error) }),
  });
  const rates = peerRates(config, clock);
  const proxies = new TrustedProxies(config, proxyDoubts(log));
  yield* every(ratesSweepMs, () => rates.sweep());
  const metrics = yield* Effect.acquireRelease(
    Effect.sync(() => new GatewayMetrics({ registry, traffic, hub, pool, handshakes, rates, responses })),
    (metrics) => Effect.sync(() => metrics.close()),
  );
  const tls = options.tls ? new GatewayTls(config, options.tls) : null;
  const refused = new RefusedConnections(log, clock);
  /** With the PROXY header in front of everything, TLS too, where the address asks for it. */
  const transportOf = (address: string, server: TlsContexts | null = null): Transport => {
    const plain = !config.proxyProtocol.includes(address)
      ? transport
      : proxyProtocolTransport(transport, {
          clock,
          wheel: loop.wheel,
          headerTimeoutMs: config.timeouts.handshakeTimeoutMs,
          isTrusted: (host) => proxies.trusts(host),
          onRefused: (peer, why) => refused.add(address, peer, why),
        });
    return server === null ? plain : secureTransport(plain, { server, pool });
  };
  const tellCertificates = ({ certificates, httpContexts }: GatewayTls): void => {
    metrics.setCertificates(certificates);
    logTlsForm(log, httpContexts);
    logCertificates(log, certificates);
  };
  if (tls !== null) tellCertificates(tls);

  const deflate = new ZlibDeflate(config.compression.memoryLevel);
  const { timeouts } = config;
  const retryHint = retryHints(config.drain, options.random);
  const liveness = { pingIntervalMs: timeouts.pingIntervalMs, idleTimeoutMs: timeouts.idleTimeoutMs, retryHint };
  const upgrades = new SocketUpgrades(config, deflate, rates, liveness);
  const topics = new TopicRoutes({
    hub,
    encodings: defineEncodings(hub, config.compression, deflate),
    traffic,
    upgrades,
    liveness,
    limits: topicLimits(config),
    historyPageBytes: config.history.pageBytes,
    maxTags: config.limits.maxTagsPerConnection,
    retryHint,
    onStreamEnd: (exchange) => accessLog.request(exchange, null),
  });

  let routes: ReadonlyMap<string, Route> = new Map();
  if (config.demo) {
    const { maxMessageBytes } = config.limits;
    const demo = yield* Effect.acquireRelease(
      Effect.sync(() => new DemoRoutes({ pool, loop, traffic, registry, upgrades, mirror: config.mirror, maxMessageBytes })),
      (demo) => Effect.sync(() => demo.close()),
    );
    routes = demo.routes;
  }
  yield* every(sweepMs, () => hub.sweep());

  const tokens = new TokenCheck(config.auth.tokens, config.auth.readTokens);
  const adminTokens = new TokenCheck(adminTokensOf(config));
  const inspection = config.inspection.enabled
    ? yield* makeGatewayInspection({ config, registry, traffic, upgrades, tokens: adminTokens, pool, log, wallClock: options.wallClock })
    : null;
  const origins = new OriginPolicy(config.origins);
  const credentials = new Credentials(origins, config.auth.cookie);
  const handler = new GatewayHandler({
    topics,
    hub,
    traffic,
    rates,
    tokens,
    credentials,
    origins,
    routes,
    fallback: yield* fallbackRoute(options, pool),
    accessLog,
  });
  /** Connections of a proxy are those of all its clients. */
  const admitPeer = ({ host }: PeerAddress): boolean => proxies.trusts(host) || rates.admitConnection(host);
  const date = new HttpDate(options.wallClock);
  const limits = httpLimits(config);
  let current = config;
  /** What a listener of this machine's own answers to, unless the configuration says that everybody may come. */
  const own = ({ address, isSecure }: ListenerPlace, inner: HttpHandler, guard: TokenCheck, names: OriginPolicy | null): HttpHandler => {
    const isOpen = config.insecure || !isLoopback(parseAddress(address).host);
    const isGuarded = (): boolean => !guard.isOpen || (isSecure && asksForCertificates(current));
    return new ClientAddressing(isOpen ? inner : new OwnNamesOnly(inner, names, isGuarded), proxies);
  };
  /** Opens a listener, or takes what others accepted, under the eyes of inspection. */
  const observed = Effect.fnUntraced(function* <Opened extends Intake & { readonly address?: PeerAddress }, Failure>(
    kind: 'listener' | 'admin',
    protocol: string,
    open: (watching: Pick<ListenerOptions, 'observer' | 'onStep'>) => Effect.Effect<Opened, Failure, EventLoop | Scope.Scope>,
  ) {
    if (inspection === null) return yield* open({});
    const observer = inspection.observe();
    // Of the admin listener's connections there is nothing to see but those who look.
    const opened = yield* open({ onStep: observer.onListenerStep, ...(kind === 'listener' && { observer }) });
    const label = opened.address === undefined ? protocol : `${protocol} ${addressText(opened.address)}`;
    inspection.actors.addBranch({ kind, label, intake: opened, observer });
    return opened;
  });
  const intake = (address: string, inner: HttpHandler, connections: ConnectionRegistry, maxConnections: number): IntakeOptions => ({
    registry: connections,
    windows: windowSettings(config),
    timeouts: timeoutSettings(config),
    ...(connections === registry && { throttles: config.throttle, admitPeer }),
    pool,
    maxConnections,
    makeSession: (connectionPool) =>
      new HttpSession(new Http1Engine({ role: 'server', pool: connectionPool, limits, date: date.now }), inner, {
        keepAliveTimeoutMs: timeouts.keepAliveTimeoutMs,
      }),
    onTrouble: (error) => log.warn('listener trouble', { address, error: error.message }),
  });
  const visible = (inner: HttpHandler): HttpHandler => (config.refusals === 'inBand' ? new InBandRefusals(inner, upgrades, retryHint) : inner);
  const listen = (place: ListenerPlace, inner: HttpHandler, guard: TokenCheck, connections: ConnectionRegistry, maxConnections: number) => {
    const { address, isSecure } = place;
    const isAdmin = connections !== registry;
    const guarded = own(place, inner, guard, isAdmin ? null : origins);
    return observed(isAdmin ? 'admin' : 'listener', isSecure ? 'https' : 'http', (watching) =>
      superviseListener({
        ...intake(address, isAdmin ? guarded : visible(guarded), connections, maxConnections),
        ...watching,
        transport: transportOf(address, isSecure ? (tls?.httpContexts ?? null) : null),
        listen: isSecure ? { ...listenAddress(config, address), ...withoutAnswer } : listenAddress(config, address),
        listenTimeoutMs: isAdmin ? 0 : timeouts.listenTimeoutMs,
      }),
    );
  };

  let ready = false;
  const adminHandler = new AdminHandler({
    registry,
    metrics,
    tokens: adminTokens,
    clock,
    isReady: () => ready,
    inspection: inspection?.routes ?? null,
  });
  const adminPlace = { address: config.admin, isSecure: config.tls.admin };
  const start = new ListenerStart();
  const [admin = null] = config.admin === 'off' ? [] : yield* start.open('admin', config.admin, listen(adminPlace, adminHandler, adminTokens, adminRegistry, maxAdminConnections));
  const maxConnections = config.limits.maxConnections === 0 ? Infinity : config.limits.maxConnections;
  const addresses = listenerAddresses(config);
  const clearListeners: SupervisedListener[] = [];
  for (const address of addresses.clear) clearListeners.push(...(yield* start.open('http', address, listen({ address, isSecure: false }, handler, tokens, registry, maxConnections))));
  const secureListeners: SupervisedListener[] = [];
  for (const address of addresses.secure) secureListeners.push(...(yield* start.open(config.https.length > 0 ? 'https' : 'http', address, listen({ address, isSecure: true }, handler, tokens, registry, maxConnections))));
  const peers = new CommandPeers(config.commandPeers.thumbprints);
  const commands = {
    hub,
    encodings: defineMessageEncodings(hub),
    traffic,
    peers,
    rates,
    wallClock: options.wallClock,
    limits: topicLimits(config),
    maxSubscriptions: config.limits.maxSubscriptionsPerConnection,
    historyPageBytes: config.history.pageBytes,
    maxReminders: config.commandPeers.maxReminders,
  };
  const listenForCommands = (address: string) =>
    observed('listener', 'command', (watching) =>
      commandListener({
        ...watching,
        transport: transportOf(address, tls?.commandContexts ?? null),
        listen: { ...listenAddress(config, address), ...(tls === null ? withRefusal : withoutAnswer) },
        listenTimeoutMs: timeouts.listenTimeoutMs,
        registry,
        windows: windowSettings(config),
        timeouts: timeoutSettings(config),
        throttles: config.throttle,
        pool,
        maxConnections,
        admitPeer,
        onTrouble: (error) => log.warn('listener trouble', { address, error: error.message }),
        settings: config.commandPeers,
        retryHint,
        commands,
      }),
    );
  const commandListeners: SupervisedListener[] = [];
  for (const address of config.command) commandListeners.push(...(yield* start.open('command', address, listenForCommands(address))));
  yield* start.complete;
  const listeners = [...clearListeners, ...secureListeners, ...commandListeners];
  // Where an embedding program listens is not known here: like a loopback listener, until tokens or the configuration say more.
  const adopted = new ClientAddressing(config.insecure ? handler : new OwnNamesOnly(handler, origins, () => !tokens.isOpen), proxies);
  const adoptedIntake = yield* observed('listener', 'adopted', ({ observer }) =>
    superviseIntake({ ...intake('adopted', visible(adopted), registry, maxConnections), ...(observer !== undefined && { observer }) }),
  );
  const adoption = new Adoption(adoptedIntake, transport, log);
  ready = true;

  const drainAll = Effect.gen(function* () {
    ready = false;
    // Listeners stay open while balancers find out.
    if (config.drain.delayMs > 0) yield* Effect.sleep(config.drain.delayMs);
    adoption.stop();
    for (const listener of listeners) yield* listener.stop;
    return yield* drain(registry, config.drain);
  });
  return {
    http: clearListeners.map(({ address }) => address),
    https: secureListeners.map(({ address }) => address),
    command: commandListeners.map(({ address }) => address),
    tls,
    admin: admin?.address ?? null,
    hub,
    registry,
    pool,
    metrics,
    listeners,
    adopt: (endpoint, leftover) => adoption.adopt(endpoint, leftover),
    adoptUpgrade: (request, socket, head) => adoption.adoptUpgrade(request, socket, head),
    reload: (next, material = null) => {
      const inForce = tls === null ? config.tls : material === null ? current.tls : { ...next.tls, admin: config.tls.admin };
      const exposed = exposedByReload(config, next, inForce);
      if (exposed !== null) throw new Error(exposed);
      if (tls !== null && material !== null) {
        tls.reload(next, material);
        tellCertificates(tls);
      }
      if (next.auth.adminToken !== current.auth.adminToken) inspection?.signIns.revoke();
      current = { ...next, tls: inForce };
      tokens.replace(next.auth.tokens, next.auth.readTokens);
      credentials.replace(next.auth.cookie);
      adminTokens.replace(adminTokensOf(next));
      origins.replace(next.origins);
      proxies.replace(next);
      peers.replace(next.commandPeers.thumbprints);
      for (const intake of [...listeners, adoptedIntake]) intake.throttles = next.throttle;
      log.setLevel(next.log.level);
      return needRestart(config, next);
    },
    drain: drainAll,
  };
});

const maxAdminConnections = 256;
/** Whoever is refused for want of descriptors has no TLS yet in which to be told. */
const withoutAnswer: Pick<NodeListenOptions, 'overloadAnswer'> = { overloadAnswer: () => null };
/** Whoever speaks the command protocol in the clear is refused in it. */
const withRefusal: Pick<NodeListenOptions, 'overloadAnswer'> = { overloadAnswer: () => overloadRefusal };

interface ListenerPlace {
  readonly address: string;
  readonly isSecure: boolean;
}

/** Calls back every so often, in the event loop's own time, until the scope closes. */
const every = Effect.fnUntraced(function* (intervalMs: number, callback: () => void): Effect.fn.Return<void, never, EventLoop | Scope.Scope> {
  const { every: repeat } = yield* EventLoop;
  yield* Effect.acquireRelease(
    Effect.sync(() => repeat(intervalMs, callback)),
    (stop) => Effect.sync(stop),
  );
});

/** What is not a topic or a demo socket: files of the root, the demo page, or nothing. */
const fallbackRoute = Effect.fnUntraced(function* (
  { config, log, wallClock, descriptors = new DescriptorBudget(Infinity, config.static.maxOpenFiles) }: GatewayOptions,
  pool: Pool,
): Effect.fn.Return<Route, never, EventLoop | Scope.Scope> {
  const { clock } = yield* EventLoop;
  const isPage = config.root === null && config.demo;
  const root = config.root ?? (config.demo ? publicDirectory : null);
  if (root === null) return (exchange) => replyProblem(exchange, { status: 404, detail: 'There is nothing here.' });
  const { indexFile, openFileIdleMs: idleMs, followSymlinks, cacheBytes, maxCachedFileBytes } = config.static;
  const caching = { followSymlinks, cacheBytes, maxCachedFileBytes };
  const { maxIdleFiles: maxFiles, maxFile: maxDescriptor } = descriptors;
  const files = yield* Effect.acquireRelease(
    Effect.sync(() => new OpenFiles({ root, pool, clock, wallClock, maxFiles, maxDescriptor, idleMs, ...caching })),
    (files) =>
      Effect.sync(() => {
        descriptors.onShortage(null);
        files.close();
      }),
  );
  descriptors.onShortage(() => files.release());
  yield* every(Math.min(sweepMs, idleMs), () => files.sweep());
  const onFailure = (path: string, error: unknown): void => log.error('a file could not be served', { path, error: describeError(error) });
  const statics = new StaticFiles({ files, indexFile, headers: isPage ? pageHeaders : [], wallClock, onFailure });
  return (exchange, path) => statics.handle(exchange, path);
});

function topicLimits({ limits }: GatewayConfig): TopicLimits {
  return { maxTopicBytes: limits.maxTopicBytes, maxTokens: limits.maxTopicTokens };
}

function peerRates({ limits }: GatewayConfig, clock: Clock): PeerRates {
  return new PeerRates({
    clock,
    exempt: new ExemptPeers(limits.exemptLoopback, limits.exemptPeers),
    messagesPerSecond: limits.peerMessagesPerSecond,
    messageBurst: limits.maxPeerMessageBurst,
    connectionsPerSecond: limits.peerConnectionsPerSecond,
    connectionBurst: limits.maxPeerConnectionBurst,
    maxPeers: limits.maxPeers,
  });
}

function makeHub({ config, log, wallClock, random }: GatewayOptions, clock: Clock, pool: Pool): Hub {
  const { history, slowSubscriber, limits } = config;
  const rules: TopicRule[] = [
    ...history.overrides.map(({ pattern, count, bytes, ageMs }) => ({
      pattern,
      history: {
        ...(count === undefined ? {} : { maxCount: count }),
        ...(bytes === undefined ? {} : { maxBytes: bytes }),
        ...(ageMs === undefined ? {} : { maxAgeMs: unlimited(ageMs) }),
      },
    })),
    ...slowSubscriber.overrides.map(({ pattern, policy }) => ({ pattern, slow: policy })),
  ];
  return new Hub({
    pool: pool.subpool('hub'),
    now: () => clock.now(),
    wallClock,
    random,
    history: { maxCount: history.count, maxBytes: history.bytes, maxAgeMs: unlimited(history.ageMs) },
    slow: slowSubscriber.policy,
    rules,
    onFailure: (error, { id }) => log.error('a subscriber failed', { connection: id, error: describeError(error) }),
    limits: {
      maxTopics: history.maxTopics,
      maxPositions: history.maxPositions,
      maxHistoryBytes: history.totalBytes,
      maxSubscriptionsPerMember: limits.maxSubscriptionsPerConnection,
      maxTagsPerMember: limits.maxTagsPerConnection,
      ...topicLimits(config),
      maxPayloadBytes: Math.max(limits.maxMessageBytes, limits.maxBodyBytes),
    },
  });
}

const unlimited = (value: number): number => (value === 0 ? Infinity : value);

function httpLimits({ limits }: GatewayConfig): Partial<Http1Limits> {
  return {
    maxTargetBytes: limits.maxUriBytes,
    maxFieldLineBytes: limits.maxHeaderLineBytes,
    maxFields: limits.maxHeaders,
    maxBodyBytes: limits.maxBodyBytes,
    maxRequests: unlimited(limits.maxRequestsPerConnection),
  };
}

function adminTokensOf({ auth }: GatewayConfig): readonly string[] {
  return auth.adminToken === null ? [] : [auth.adminToken];
}

/** Settings that differ and are fixed at start. */
function needRestart(current: GatewayConfig, next: GatewayConfig): string[] {
  const fixed = ({ auth: _auth, origins: _origins, trustedProxies: _proxies, forwardedField: _field, throttle: _throttle, log, tls, commandPeers: { thumbprints: _thumbprints, ...commandPeers }, ...rest }: GatewayConfig): Record<string, unknown> => ({
    ...rest,
    commandPeers,
    'log.access': log.access,
    'tls.admin': tls.admin,
  });
  const before = fixed(current);
  const changed = Object.entries(fixed(next)).flatMap(([name, value]) => (isDeepStrictEqual(value, before[name]) ? [] : [name]));
  // The first certificate, or the last one gone: addresses would begin, or end, to speak TLS.
  return hasCertificate(next) === hasCertificate(current) ? changed : [...changed, 'tls'];
}

function windowSettings({ windows }: GatewayConfig): WindowSettings {
  return {
    outboundBytes: windows.outboundBytes,
    outboundLowBytes: Math.floor(windows.outboundBytes / 4),
    coalesceBytes: windows.sharedWriteBytes,
  };
}

function timeoutSettings({ timeouts }: GatewayConfig): TimeoutSettings {
  const { handshakeTimeoutMs, requestTimeoutMs, sustainTimeoutMs, closeTimeoutMs } = timeouts;
  return { handshakeTimeoutMs, requestTimeoutMs, sustainTimeoutMs, closeTimeoutMs };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
