// A connection that is made up: no bytes move, but its life goes through the real chart, so what the page shows of it could have been.

import { initialStep, stepFrom, type ChartState, type CloseReason, type ConnectionEventType } from '@sluice/connection';
import { NO_FLIGHT, stateFacts, type InspectedActor, type Recorded } from '@sluice/inspection';
import { pick, type Random } from './random.ts';

export const highBytes = 1024 * 1024;
export const lowBytes = 256 * 1024;
const idleMs = 120_000;
const sustainMs = 24 * 3_600_000;
const closeMs = 5_000;

const protocols = ['websocket', 'websocket', 'websocket', 'sse', 'sse', 'http', 'command'] as const;
const topics = ['news', 'prices.eur', 'prices.usd', 'room.42', 'room.7', 'telemetry.>', 'alerts', 'orders.*.state', 'chat.lobby'];
const clientTags = ['mobile', 'beta', 'tenant-a', 'tenant-b', 'kiosk'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'sensor-fleet/3.2',
];

/** Told of each step, before and after. */
export type StepListener = (connection: FakeConnection, from: ChartState, to: ChartState, event: ConnectionEventType) => void;

export class FakeConnection implements InspectedActor, Recorded {
  readonly id: number;
  readonly sessionId: string;
  readonly openedAtMs: number;
  readonly protocol: string;
  readonly peer: { readonly host: string; readonly port: number };
  readonly topics: readonly string[];
  readonly clientTags: readonly string[];
  readonly userAgent: string;
  readonly secure: boolean;
  /** Bytes a second that come, that are queued, and that its peer takes. */
  readonly pace: { inBytes: number; outBytes: number; takesBytes: number };
  flight = NO_FLIGHT;
  state: ChartState = initialStep().target;
  reason: CloseReason | null = null;
  queuedBytes = 0;
  heldBytes = 0;
  bytesIn = 0;
  bytesOut = 0;
  rateIn = 0;
  rateOut = 0;
  throttleIn = 0;
  throttleOut = 0;
  #lastInMs: number;
  #stateSinceMs: number;
  #movedAtMs: number;
  #listener: StepListener;

  constructor(id: number, nowMs: number, random: Random, listener: StepListener) {
    this.id = id;
    this.sessionId = `connection:${id}`;
    this.openedAtMs = nowMs;
    this.protocol = pick(protocols, random);
    this.peer = { host: `203.0.113.${1 + Math.floor(random() * 250)}`, port: 32768 + Math.floor(random() * 28000) };
    this.topics = Array.from({ length: this.protocol === 'http' ? 0 : 1 + Math.floor(random() * 2.4) }, () => pick(topics, random));
    this.clientTags = random() < 0.35 ? [pick(clientTags, random)] : [];
    this.userAgent = pick(agents, random);
    this.secure = random() < 0.6;
    const slow = id % 40 === 2;
    const outBytes = 200 + 20_000 * random() ** 4 + (slow ? 260_000 : 0);
    this.pace = { inBytes: 60 + 3_000 * random() ** 5, outBytes, takesBytes: slow ? outBytes * 0.8 : outBytes * 4 };
    this.#lastInMs = nowMs;
    this.#stateSinceMs = nowMs;
    this.#movedAtMs = nowMs;
    this.#listener = listener;
  }

  getSnapshot(): ChartState['snapshot'] {
    return this.state.snapshot;
  }

  get isOpen(): boolean {
    return this.state.phase !== 'closed';
  }

  send(event: ConnectionEventType, nowMs: number): void {
    const { state } = this;
    const { target, actions, taken } = stepFrom(state, event);
    if (!taken) return;
    for (const action of actions) {
      if (action.type === 'reason' || action.type === 'refuse') this.reason ??= action.params.reason;
    }
    this.state = target;
    this.#stateSinceMs = nowMs;
    this.#listener(this, state, target, event);
  }

  /** Lets time pass: bytes move, and what follows of that happens. */
  move(nowMs: number, random: Random): void {
    const seconds = Math.min(5, (nowMs - this.#movedAtMs) / 1000);
    this.#movedAtMs = nowMs;
    const sinceMs = nowMs - this.#stateSinceMs;
    const { phase, label } = this.state;
    if (phase === 'handshake') {
      if (sinceMs > 50) this.send(random() < 0.01 ? 'TIMEOUT.handshake' : 'HANDSHAKE.DONE', nowMs);
    } else if (phase === 'established') this.#exchange(seconds, nowMs, random);
    else if (label.includes('lingering')) {
      if (sinceMs > 400 * random()) this.send('INBOUND.END', nowMs);
    } else if (sinceMs > 150) this.send('FLUSHED', nowMs);
  }

  /** Armed, with the time left, the next first. */
  timers(nowMs: number): { name: string; leftMs: number }[] {
    const since = nowMs - this.#stateSinceMs;
    const sustain = { name: 'sustain', leftMs: Math.round(this.openedAtMs + sustainMs - nowMs) };
    switch (this.state.phase) {
      case 'handshake':
        return [{ name: 'handshake', leftMs: 10_000 - since }, sustain];
      case 'established':
        return [
          ...(this.state.label.includes('hrottled') ? [{ name: 'throttleOut', leftMs: Math.max(0, 400 - since) }] : []),
          { name: 'idle', leftMs: Math.round(this.#lastInMs + idleMs - nowMs) },
          sustain,
        ];
      case 'closed':
        return [];
      default:
        return [{ name: 'close', leftMs: closeMs - since }, sustain];
    }
  }

  describe(nowMs: number): object {
    const { stateIds, tags, nextEvents } = stateFacts(this.state.snapshot);
    const secure = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', alpn: 'http/1.1', serverName: 'gateway.example', resumed: this.id % 3 === 0, peerCertificate: null };
    return {
      id: this.id,
      chart: 'connection',
      sessionId: this.sessionId,
      label: this.state.label,
      value: this.state.snapshot.value,
      stateIds,
      tags,
      nextEvents,
      protocol: this.protocol,
      peer: this.peer,
      local: { host: '192.0.2.10', port: this.secure ? 8443 : 8080 },
      ageMs: nowMs - this.openedAtMs,
      reason: this.reason,
      failure: null,
      bytesIn: Math.round(this.bytesIn),
      bytesOut: Math.round(this.bytesOut),
      inbound: { heldBytes: this.heldBytes, paused: this.state.paused, discarding: this.state.discarding, throttleBytesPerSecond: this.throttleIn },
      outbound: { queuedBytes: this.queuedBytes, allowanceBytes: Math.max(0, highBytes - this.queuedBytes), highBytes, lowBytes, throttleBytesPerSecond: this.throttleOut },
      timers: this.timers(nowMs),
      ...(this.secure ? { secure } : {}),
      topics: this.topics,
      clientTags: this.clientTags,
      request: this.protocol === 'command' ? null : { uri: `/topics/${this.topics[0] ?? 'news'}`, userAgent: this.userAgent, origin: null },
      listener: this.secure ? 'listener:https' : 'listener:http',
      actions: this.#actions(),
      ...this.#rates(),
      atMs: nowMs,
    };
  }

  gauges(nowMs: number): object {
    return {
      atMs: nowMs,
      queuedBytes: this.queuedBytes,
      allowanceBytes: Math.max(0, highBytes - this.queuedBytes),
      highBytes,
      lowBytes,
      heldBytes: this.heldBytes,
      bytesIn: Math.round(this.bytesIn),
      bytesOut: Math.round(this.bytesOut),
      ...this.#rates(),
      throttleInBytesPerSecond: this.throttleIn,
      throttleOutBytesPerSecond: this.throttleOut,
      timers: this.timers(nowMs),
    };
  }

  row(nowMs: number): object {
    const { host, port } = this.peer;
    return {
      id: this.id,
      sessionId: this.sessionId,
      state: this.state.label,
      phase: this.state.phase,
      protocol: this.protocol,
      peer: `${host}:${port}`,
      ageMs: nowMs - this.openedAtMs,
      queuedBytes: this.queuedBytes,
      bytesIn: Math.round(this.bytesIn),
      bytesOut: Math.round(this.bytesOut),
      ...this.#rates(),
      topics: this.topics,
      tags: this.clientTags,
      name: null,
    };
  }

  #exchange(seconds: number, nowMs: number, random: Random): void {
    const { label } = this.state;
    const isQuenched = label.includes('quenched');
    const limit = (bytes: number, perSecond: number): number => (perSecond === 0 ? bytes : Math.min(bytes, perSecond * seconds));
    const came = this.state.paused || isQuenched ? 0 : limit(this.pace.inBytes * seconds * 2 * random(), this.throttleIn);
    const left = limit(Math.min(this.queuedBytes + this.pace.outBytes * seconds, this.pace.takesBytes * seconds * (0.4 + 1.2 * random())), this.throttleOut);
    const made = label.includes('choked') ? 0 : this.pace.outBytes * seconds;
    this.queuedBytes = Math.max(0, Math.round(Math.min(highBytes * 1.02, this.queuedBytes + made - left)));
    this.heldBytes = isQuenched ? 65_536 : Math.round(came * random() * 0.02);
    if (came > 0) this.#lastInMs = nowMs;
    this.bytesIn += came;
    this.bytesOut += left;
    const blend = (old: number, now: number): number => Math.round(old * 0.6 + 0.4 * (seconds === 0 ? 0 : now / seconds));
    this.rateIn = blend(this.rateIn, came);
    this.rateOut = blend(this.rateOut, left);
    if (this.queuedBytes >= highBytes) this.send('OUTBOUND.FULL', nowMs);
    else if (this.queuedBytes <= lowBytes) this.send('OUTBOUND.CLEAR', nowMs);
    if (this.throttleOut > 0 && this.pace.outBytes > this.throttleOut) {
      this.send(this.state.label.includes('hrottled') ? 'TIMEOUT.throttleOut' : 'OUTBOUND.THROTTLED', nowMs);
    }
    const luck = random();
    if (this.id > 50 && luck < 0.0016) this.send(pick(['INBOUND.END', 'INBOUND.END', 'FAIL', 'TRANSPORT.FAILED', 'TRANSPORT.CLOSED', 'TIMEOUT.idle'] as const, random), nowMs);
    else if (luck > 0.97 && this.id % 7 === 0) this.send(isQuenched ? 'INBOUND.SPACE' : 'INBOUND.FULL', nowMs);
    if (this.state.label.includes('ended') && random() < 0.3) this.send('DRAIN', nowMs);
  }

  #rates(): object {
    return { rateInBytesPerSecond: this.rateIn, rateOutBytesPerSecond: this.rateOut };
  }

  #actions(): string[] {
    if (this.state.phase === 'closed') return [];
    if (this.state.phase !== 'established') return this.state.phase === 'handshake' ? ['drain', 'abort'] : ['abort'];
    return [this.state.label.includes('quenched') ? 'resume' : 'quench', 'throttle', 'drain', 'abort'];
  }
}
