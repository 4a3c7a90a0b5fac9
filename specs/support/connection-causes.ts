// What makes each event of the connection chart happen: what a peer sends or leaves unread, what an operator or the program around the
// gateway asks of the connection, what time does. Each cause stands in a table by its event; nothing sends an event to the chart.
//
// A path is taken with one of three connections: a WebSocket on a topic, an HTTP connection between two requests, and one whose reply
// waits for a file that is being opened.

import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocketSession, type ConnectionEventType, type SettableTimer, type TimerName } from '@sluice/connection';
import { VirtualClock } from '@sluice/timing';
import { Opcode } from '@sluice/websocket';
import type { ChartPath } from './chart-paths.ts';
import { clientFrame, handshakeFor } from './raw-peer.ts';
import { eventually, runGateway, type RunningGateway } from './running-gateway.ts';
import { steppedTime } from './stepped-time.ts';
import { WatchedConnection } from './watched-connection.ts';

/** More than the kernel takes on both ends of a loopback connection. */
const moreThanFits = 8 * 1024 * 1024;
const windowBytes = 64 * 1024;
const hourMs = 3_600_000;
const topic = 'paths';

type Kind = 'socket' | 'requests' | 'file';

/** A step about to be caused. */
interface Cause {
  readonly at: WatchedConnection;
  readonly kind: Kind;
  readonly state: string;
  /** The events behind this one. */
  readonly later: readonly string[];
}

/** A gateway whose time stands still: every deadline is far away until a path asks for it. */
export class PathGateway {
  readonly running: RunningGateway;
  readonly #clock: VirtualClock;
  readonly #root: string;
  #files = 0;

  private constructor(running: RunningGateway, clock: VirtualClock, root: string) {
    this.running = running;
    this.#clock = clock;
    this.#root = root;
  }

  /** `root` is an empty directory, for files to be asked for. */
  static async start(root: string): Promise<PathGateway> {
    const clock = new VirtualClock();
    const far = { handshakeTimeoutMs: hourMs, requestTimeoutMs: hourMs, closeTimeoutMs: hourMs, keepAliveTimeoutMs: hourMs, sustainTimeoutMs: 0 };
    const config = {
      root,
      timeouts: { ...far, pingIntervalMs: hourMs, idleTimeoutMs: 2 * hourMs },
      windows: { outboundBytes: windowBytes, sharedWriteBytes: 4096 },
      limits: { maxMessageBytes: 2 * moreThanFits },
      history: { count: 0 },
      inspection: { maxWatchers: 1000 },
    };
    return new PathGateway(await runGateway({ config, tls: false, loop: steppedTime(clock) }), clock, root);
  }

  /** Takes a path from the beginning; answers once the last event of it has come. */
  async take(path: ChartPath): Promise<WatchedConnection> {
    const at = await WatchedConnection.open(this.running);
    try {
      await this.#cause(path, at, kindFor(path.steps));
    } catch (error) {
      await at.end();
      throw error;
    }
    return at;
  }

  /** Takes a path up to its last event, does what would cause that elsewhere, and gives it time to come. */
  async tryInVain({ steps }: ChartPath): Promise<WatchedConnection> {
    const at = await WatchedConnection.open(this.running);
    const { event, from } = steps.at(-1)!;
    await this.#cause({ name: '', steps: steps.slice(0, -1) }, at, 'socket');
    await this.#causes[event as ConnectionEventType]!({ at, kind: 'socket', state: from, later: [] });
    // Bytes, FINs and resets of this machine are there within a turn.
    for (let turns = 0; turns < 5; turns++) await turn();
    return at;
  }

  async #cause({ steps }: ChartPath, at: WatchedConnection, kind: Kind): Promise<void> {
    const events = steps.map(({ event }) => event);
    for (const [i, { event, from }] of steps.entries()) {
      const cause = this.#causes[event as ConnectionEventType];
      if (cause === undefined) throw new Error(`nothing is known to cause ${event}`);
      // What the step before brought with it has happened already.
      if (at.seen.steps.length <= i) await cause({ at, kind, state: from, later: events.slice(i + 1) });
      await at.seen.reaches(i + 1, `${event} in ${from}`);
    }
  }

  readonly #causes: Readonly<Record<ConnectionEventType, ((cause: Cause) => unknown) | undefined>> = {
    // ── the peer ──
    'HANDSHAKE.DONE': ({ at: { client }, kind }) => {
      if (kind === 'socket') client.write(handshakeFor(`/topics/${topic}`));
      else if (kind === 'requests') client.write(request(`/topics/${topic}?limit=1`));
      else client.write(request(`/${this.#makeFile()}`));
    },
    'INBOUND.END': ({ at: { client } }) => client.end(),
    'OUTBOUND.CLEAR': ({ at: { client } }) => client.resume(),
    'TRANSPORT.FAILED': async ({ at }) => {
      at.client.resetAndDestroy();
      await once(at.client, 'close');
      await turn();
      // Where nothing is read, a reset is noticed when something is sent.
      const { session } = at.connection;
      if (session instanceof WebSocketSession) session.send(Opcode.Binary, new Uint8Array(1));
    },
    FLUSHED: ({ at: { client }, kind, state }) => {
      if (kind === 'socket' && state === 'draining.finishing') client.write(clientFrame(0x88, Uint8Array.of(0x03, 0xe9)));
      client.resume();
    },

    // ── the peer, or the program that the connection belongs to ──
    FAIL: ({ at: { client, connection }, kind, state }) => {
      if (state === 'handshake') client.write('what is this\r\n\r\n');
      else if (kind === 'socket' && (state === 'draining.finishing' || /inbound\.flowing outbound\.(clear|throttled)/.test(state))) client.write(unmaskedFrame);
      else connection.reject('refused');
    },

    // ── messages for the peer, who does not read ──
    'OUTBOUND.FULL': ({ at, state }) => {
      if (state.includes('outbound.clear')) this.#publish(moreThanFits);
      else sendMore(at, 2 * windowBytes);
    },
    'OUTBOUND.THROTTLED': async ({ at, kind, state, later }) => {
      const { connection, client } = at;
      if (later[0] === 'TIMEOUT.idle' && state.includes('outbound.clear')) await fillKernel(at);
      if (kind === 'requests') await eventually('the first reply has left', () => connection.endpoint.bytesOut > 0);
      connection.setThrottle('out', 1);
      if (kind === 'requests') client.write(request(`/topics/${topic}?limit=1`));
      else if (state.includes('outbound.clear')) this.#publish(2000);
      else sendMore(at, 2000);
    },

    // ── an operator ──
    'INBOUND.FULL': ({ at: { connection } }) => connection.quench(),
    'INBOUND.SPACE': ({ at: { connection } }) => connection.resume(),
    'INBOUND.THROTTLED': ({ at: { client, connection }, state, later }) => {
      // For seven seconds or for less than one: the outbound throttle pauses for one.
      connection.setThrottle('in', later.includes('TIMEOUT.throttleOut') ? 100 : 1000);
      client.write(state === 'handshake' ? `GET /${'a'.repeat(600)}` : unsolicitedPongs);
    },
    DRAIN: ({ at: { connection } }) => connection.drain(),
    ABORT: ({ at: { connection } }) => connection.abort(),

    // ── the program around the gateway, which has a hand on the endpoint (`gateway.adopt`) ──
    'TRANSPORT.CLOSED': async ({ at: { connection }, kind }) => {
      // What is said in this turn has to be with the endpoint, or nothing is left to flush. The file would be open by then.
      if (kind !== 'file') await turn();
      connection.endpoint.close();
    },

    // ── time ──
    'TIMEOUT.handshake': async ({ at, kind, state }) => {
      const { client, connection } = at;
      // A session says that a request has begun; where nothing is read it has done so before.
      if (kind === 'socket' && state !== 'handshake') connection.awaitRequest();
      else if (state !== 'handshake') {
        client.write('GET /half');
        await eventually('a request has begun', () => connection.armedTimers().some(({ name }) => name === 'handshake'));
      }
      this.#expire(at, 'handshake');
    },
    'TIMEOUT.idle': ({ at }) => this.#expire(at, 'idle'),
    'TIMEOUT.sustain': ({ at }) => this.#expire(at, 'sustain'),
    'TIMEOUT.close': ({ at }) => this.#expire(at, 'close'),
    'TIMEOUT.throttleIn': ({ at }) => this.#wait(at, 'throttleIn'),
    'TIMEOUT.throttleOut': ({ at }) => this.#wait(at, 'throttleOut'),
    // Of listeners and outbound connections.
    'TIMEOUT.listen': undefined,
    'TIMEOUT.connecting': undefined,
    'TIMEOUT.dnsResolve': undefined,
    'TIMEOUT.reconnect': undefined,
  };

  /** Makes the deadline a short one, and lets it pass ten times: a peer that may be asked for a sign of life is asked first. */
  #expire({ connection }: WatchedConnection, name: SettableTimer): void {
    connection.setTimeout(name, 1);
    this.#clock.advanceBy(20);
  }

  #wait({ connection }: WatchedConnection, name: TimerName): void {
    const armed = connection.armedTimers().find((timer) => timer.name === name);
    if (armed === undefined) throw new Error(`${name} is not armed`);
    this.#clock.advanceBy(armed.leftMs + 20);
  }

  #publish(bytes: number): void {
    this.running.gateway.hub.publish(topic, new Uint8Array(bytes), 0, bytes, 'binary');
  }

  /** A file that nobody has opened yet. */
  #makeFile(): string {
    const name = `file-${++this.#files}`;
    writeFileSync(join(this.#root, name), '');
    truncateSync(join(this.#root, name), moreThanFits);
    return name;
  }
}

function kindFor(steps: ChartPath['steps']): Kind {
  const last = steps.at(-1)!;
  if (last.event === 'TIMEOUT.handshake' && last.from !== 'handshake') return 'requests';
  return last.from.includes('inbound.ended') && last.event !== 'DRAIN' ? 'file' : 'socket';
}

const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: gateway\r\n\r\n`;
/** RFC 6455 section 5.1: a client's frames are masked. */
const unmaskedFrame = Uint8Array.of(0x81, 0x01, 0x41);
/** Seven frames of 106 bytes that ask for nothing (RFC 6455 section 5.5.3). */
const unsolicitedPongs = Buffer.concat(Array.from({ length: 7 }, () => clientFrame(0x8a, 'a'.repeat(100))));

/** From an application that does not ask whether there is room. An HTTP connection has no more to say than its replies. */
function sendMore({ connection: { session } }: WatchedConnection, bytes: number): void {
  if (session instanceof WebSocketSession) session.send(Opcode.Binary, new Uint8Array(bytes));
}

/** Sends until something is left that the kernel does not take, and the window is not full. */
async function fillKernel(at: WatchedConnection): Promise<void> {
  while (at.connection.endpoint.queuedBytes === 0) {
    sendMore(at, windowBytes / 4);
    await turn();
  }
}
