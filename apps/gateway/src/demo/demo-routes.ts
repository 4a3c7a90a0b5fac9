// The sockets of `--demo`: the mirror, and endpoints to test clients and networks with. What each does stands in its file.
//
// They have one timer for each kind of endpoint that is in use, whatever the number of its sockets.

import { randomInt } from 'node:crypto';
import type { Pool } from '@sluice/brigade';
import type { HttpExchange, WebSocketHandler } from '@sluice/connection';
import type { ConnectionRegistry, EventLoopShape } from '@sluice/supervision';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Route } from '../http/gateway-handler.ts';
import { replyProblem } from '../http/reply.ts';
import type { SocketUpgrades } from '../sockets/upgrades.ts';
import { Beat } from './beat.ts';
import { EchoHandler } from './echo.ts';
import { EchogenSocket, echogenBytes } from './echogen.ts';
import { FraggleSocket, maxFraggleMessages } from './fraggle.ts';
import { IncrementSocket, incrementIntervalMs } from './increment.ts';
import { MirrorHandler, type MirrorRing } from './mirror.ts';
import { maxSeed } from './noise.ts';
import { PingSocket, pingIntervalMs } from './ping.ts';
import { StatusBoard, StatusSocket, statusIntervalMs } from './status.ts';

export interface DemoRoutesOptions {
  readonly pool: Pool;
  readonly loop: EventLoopShape;
  readonly traffic: TrafficCounters;
  readonly registry: ConnectionRegistry;
  readonly upgrades: SocketUpgrades;
  readonly mirror: MirrorRing;
  /** The largest message that is taken from a client. */
  readonly maxMessageBytes: number;
}

/** How often a mirror's full ring is looked at: so much longer than its grace a slow member may last. */
const mirrorSweepMs = 250;
/** For what is left over when a client has taken all there was room for. */
const refillIntervalMs = 50;
const defaultFraggleMessages = 100;

export class DemoRoutes {
  readonly routes: ReadonlyMap<string, Route>;
  readonly #options: DemoRoutesOptions;
  readonly #beats: Beat[] = [];
  readonly #mirror: MirrorHandler;
  readonly #stopSweeping: () => void;

  constructor(options: DemoRoutesOptions) {
    this.#options = options;
    const { pool, loop, traffic, registry, mirror, maxMessageBytes } = options;
    const { clock } = loop;
    const echo = new EchoHandler(traffic);
    this.#mirror = new MirrorHandler({ pool, clock, traffic, ...mirror });
    this.#stopSweeping = loop.every(mirrorSweepMs, () => this.#mirror.sweep());
    const incrementing = this.#beat(incrementIntervalMs);
    const refilling = this.#beat(refillIntervalMs);
    const pinging = this.#beat(pingIntervalMs);
    const reporting = this.#beat(statusIntervalMs);
    const board = new StatusBoard({ registry, traffic, clock });
    const generatedBytes = Math.min(echogenBytes, maxMessageBytes);
    this.routes = new Map([
      ['/echo', this.#socket(() => echo)],
      ['/mirror', this.#socket(() => this.#mirror)],
      ['/increment', this.#socket(() => new IncrementSocket(incrementing, traffic))],
      ['/echogen', this.#socket(() => new EchogenSocket(refilling, traffic, generatedBytes))],
      ['/fraggle', (exchange, _path, query) => this.#fraggle(exchange, query, refilling)],
      ['/ping', this.#socket(() => new PingSocket(pinging, traffic))],
      ['/status', this.#socket(() => new StatusSocket(reporting, board))],
    ] satisfies [string, Route][]);
  }

  /** Lets go of the mirror's ring, and stops all timers. */
  close(): void {
    this.#stopSweeping();
    this.#mirror.destroy();
    for (const beat of this.#beats) beat.close();
  }

  #beat(intervalMs: number): Beat {
    const beat = new Beat(this.#options.loop.every, intervalMs);
    this.#beats.push(beat);
    return beat;
  }

  #socket(make: () => WebSocketHandler): Route {
    return (exchange) => this.#options.upgrades.accept(exchange, make);
  }

  #fraggle(exchange: HttpExchange, query: URLSearchParams, refilling: Beat): void {
    const { traffic, upgrades } = this.#options;
    const seed = wholeNumber(query.get('seed'), maxSeed) ?? randomInt(1, maxSeed);
    const messages = wholeNumber(query.get('messages'), maxFraggleMessages) ?? defaultFraggleMessages;
    if (Number.isNaN(seed) || Number.isNaN(messages)) {
      replyProblem(exchange, {
        status: 400,
        detail: `seed is a whole number from 1 to ${maxSeed}, messages one from 1 to ${maxFraggleMessages}.`,
      });
      return;
    }
    upgrades.accept(exchange, () => new FraggleSocket(refilling, traffic, { seed, messages }));
  }
}

/** Null where there is none, NaN where it is not from 1 to `max`. */
function wholeNumber(text: string | null, max: number): number | null {
  if (text === null) return null;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : NaN;
}
