// The gateway's metrics, as Effect metrics that are read when somebody asks: nothing is counted twice, and the data path
// only adds to plain numbers.

import type { Pool } from '@sluice/brigade';
import { closeReasons, type Phase } from '@sluice/connection';
import type { Hub } from '@sluice/hub';
import type { ConnectionRegistry } from '@sluice/supervision';
import { descriptorLimit } from '@sluice/transport-node';
import * as Context from 'effect/Context';
import * as Metric from 'effect/Metric';
import * as PrometheusMetrics from 'effect/observability/PrometheusMetrics';
import { handshakeFailureReasons, type HandshakeFailures } from '../tls/handshake-failures.ts';
import type { ServerCertificate } from '../tls/material.ts';
import { packageVersion } from '../package-version.ts';
import type { PeerRates } from '../limits/peer-rates.ts';
import { residentBytes } from './resident-memory.ts';
import { LoopDelay, loopDelayBounds } from './loop-delay.ts';
import { Reloads } from './reloads.ts';
import type { ResponseCounts } from './response-counts.ts';
import type { TrafficCounters } from './traffic.ts';

export interface MetricSources {
  readonly registry: ConnectionRegistry;
  readonly traffic: TrafficCounters;
  readonly hub: Hub;
  readonly pool: Pool;
  readonly rates: PeerRates;
  readonly handshakes: HandshakeFailures;
  readonly responses: ResponseCounts;
}

const phases: readonly Phase[] = ['handshake', 'established', 'draining', 'writeAndAbort'];
const protocols = ['http', 'websocket', 'sse', 'command'] as const;

export class GatewayMetrics {
  readonly #sources: MetricSources;
  readonly #context = Context.make(Metric.MetricRegistry, new Map());
  readonly #loopDelay = new LoopDelay();
  readonly #statuses = new Set<number>();
  readonly reloads = new Reloads(Date.now());
  #counts = new Map<string, number>();
  #traffic = { bytesIn: 0, bytesOut: 0 };
  #queuedBytes = 0;
  /** Takes the gauges of the certificates out again. */
  #removeCertificates: (() => void)[] = [];

  constructor(sources: MetricSources) {
    this.#sources = sources;
    this.#loopDelay.start();
    this.#register();
  }

  close(): void {
    this.#loopDelay.stop();
  }

  /** The certificates in use from now on. */
  setCertificates(certificates: readonly ServerCertificate[]): void {
    for (const remove of this.#removeCertificates) remove();
    const description = 'When a certificate expires, in seconds since 1970.';
    this.#removeCertificates = certificates.map(({ file, names, validToMs }) =>
      this.#gauge('sluice_tls_certificate_expiry_seconds', description, () => validToMs / 1000, { name: names[0] ?? '', file }),
    );
  }

  /** All metrics in Prometheus' text format. */
  format(): string {
    this.#collect();
    return PrometheusMetrics.formatUnsafe(this.#context);
  }

  /** What takes a walk over all connections is taken once for a scrape. */
  #collect(): void {
    const { registry, responses } = this.#sources;
    for (const status of responses.statuses()) {
      if (this.#statuses.has(status)) continue;
      this.#statuses.add(status);
      this.#counter('sluice_http_responses_total', 'HTTP responses by status code.', () => responses.of(status), { status: String(status) });
    }
    this.#counts = new Map(registry.counts().map(({ phase, protocol, count }) => [`${phase} ${protocol}`, count]));
    this.#traffic = registry.traffic();
    this.#queuedBytes = 0;
    for (const connection of registry.all()) this.#queuedBytes += connection.queuedBytes;
  }

  #register(): void {
    const { registry, traffic, hub, pool, handshakes } = this.#sources;
    for (const phase of phases) {
      for (const protocol of protocols) {
        this.#gauge('sluice_connections', 'Open connections by state and protocol.', () => this.#counts.get(`${phase} ${protocol}`) ?? 0, {
          state: phase,
          protocol,
        });
      }
    }
    for (const reason of closeReasons) {
      this.#counter('sluice_closes_total', 'Closed connections by reason.', () => registry.closes().get(reason) ?? 0, { reason });
    }
    for (const reason of handshakeFailureReasons) {
      this.#counter('sluice_tls_handshake_failures_total', 'TLS handshakes that failed, by reason.', () => handshakes.count(reason), { reason });
    }
    const { rates } = this.#sources;
    const overRate = "Refused because their peer's address was over its rate.";
    this.#counter('sluice_rate_limited_total', overRate, () => rates.refusedMessages, { what: 'message' });
    this.#counter('sluice_rate_limited_total', overRate, () => rates.refusedConnections, { what: 'connection' });
    this.#gauge('sluice_rate_peers', 'Addresses whose rates are known.', () => rates.size);
    this.#gauge('sluice_drain_told', 'Connections told to go since the drain began.', () => registry.draining?.told ?? 0);
    this.#gauge('sluice_drain_left', 'Connections that the drain waits for.', () => registry.draining?.left ?? 0);
    this.#counter('sluice_connections_opened_total', 'Connections opened.', () => registry.opened);
    this.#counter('sluice_messages_in_total', 'Messages taken from clients.', () => traffic.messagesIn);
    this.#counter('sluice_messages_out_total', 'Messages queued for subscribers.', () => traffic.messagesOut);
    this.#counter('sluice_bytes_in_total', 'Bytes received.', () => this.#traffic.bytesIn);
    this.#counter('sluice_bytes_out_total', 'Bytes handed to the kernel.', () => this.#traffic.bytesOut);
    this.#gauge('sluice_queued_bytes', 'Bytes waiting for slow peers.', () => this.#queuedBytes);
    this.#gauge('sluice_pool_outstanding_bytes', 'Pool bytes still referenced.', () => pool.outstanding().bytes);
    this.#gauge('sluice_pool_outstanding_handles', 'File handles still referenced.', () => pool.outstanding().handles);
    this.#gauge('sluice_topics', 'Topics the hub knows.', () => hub.stats().topics);
    this.#gauge('sluice_topic_positions', 'Forgotten topics whose positions are remembered.', () => hub.stats().positions);
    this.#gauge('sluice_subscriptions', 'Subscriptions in the hub.', () => hub.stats().subscriptions);
    this.#gauge('sluice_history_bytes', 'Bytes of retained publications.', () => hub.stats().historyBytes);
    this.#gauge('sluice_resident_memory_bytes', 'Resident set size of the process.', residentBytes);
    this.#histogram('sluice_event_loop_delay_seconds', 'How late the event loop runs its timers.', this.#loopDelay);
    this.#gauge('sluice_event_loop_delay_max_seconds', 'Longest delay of the last 30 to 60 seconds.', () => this.#loopDelay.maxSeconds());
    this.#gauge('sluice_build_info', 'Always 1; the labels are what is running.', () => 1, { version: packageVersion(), node: process.versions.node });
    this.#counter('process_cpu_seconds_total', 'User and system CPU time of the process, in seconds.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.#gauge('process_resident_memory_bytes', 'Resident memory of the process.', residentBytes);
    const startSeconds = performance.timeOrigin / 1000;
    this.#gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', () => startSeconds);
    const maxDescriptors = descriptorLimit();
    if (Number.isFinite(maxDescriptors)) this.#gauge('process_max_fds', 'Most descriptors the process may open.', () => maxDescriptors);
    const { reloads } = this;
    this.#gauge('sluice_config_last_reload_successful', 'Whether the last load of the configuration was accepted: 1 or 0.', () => (reloads.isLastAccepted ? 1 : 0));
    this.#gauge('sluice_config_last_reload_success_timestamp_seconds', 'When a configuration was last accepted, in seconds since 1970.', () => reloads.acceptedMs / 1000);
    this.#counter('sluice_config_reload_failures_total', 'Reloads whose configuration was rejected.', () => reloads.failures);
  }

  #histogram(name: string, description: string, source: LoopDelay): void {
    Metric.registerUnsafe(Metric.histogram(name, { description, boundaries: [...loopDelayBounds] }), this.#context, {
      get: () => {
        const { buckets, count, sum } = source.snapshot();
        return { buckets: buckets.map(([bound, below]): [number, number] => [bound, below]), count, sum, min: 0, max: source.maxSeconds() };
      },
      update: () => {},
      modify: () => {},
    });
  }

  #gauge(name: string, description: string, value: () => number, attributes: Readonly<Record<string, string>> = {}): () => void {
    const registration = Metric.registerUnsafe(Metric.gauge(name, { description, attributes }), this.#context, {
      get: () => ({ value: value() }),
      update: () => {},
      modify: () => {},
    });
    return () => registration.remove();
  }

  #counter(name: string, description: string, count: () => number, attributes: Readonly<Record<string, string>> = {}): void {
    Metric.registerUnsafe(Metric.counter(name, { description, incremental: true, attributes }), this.#context, {
      get: () => ({ count: count(), incremental: true }),
      update: () => {},
      modify: () => {},
    });
  }
}
