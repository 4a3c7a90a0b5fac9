// `/status`: what the server is doing, as a JSON text every second: how many connections in which state, messages in and out, and
// the first hundred connections with state, age and queue. Peers' addresses are not in it: whoever may open the demo may read it.
//
// The text is made once a second, whatever the number of readers. Who does not keep up gets the next one instead.

import type { WebSocketSession } from '@sluice/connection';
import type { ConnectionRegistry } from '@sluice/supervision';
import type { Clock } from '@sluice/timing';
import { Opcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Beat } from './beat.ts';
import { BeatingSocket } from './beating-socket.ts';

export const statusIntervalMs = 1000;
const maxListed = 100;

export interface StatusSources {
  readonly registry: ConnectionRegistry;
  readonly traffic: TrafficCounters;
  readonly clock: Clock;
}

/** What all readers get. */
export class StatusBoard {
  readonly #sources: StatusSources;
  readonly #startedAtMs: number;
  #tick = -1;
  #text: Buffer = Buffer.alloc(0);

  constructor(sources: StatusSources) {
    this.#sources = sources;
    this.#startedAtMs = sources.clock.now();
  }

  /** The text of a beat. */
  at(tick: number): Buffer {
    if (tick !== this.#tick) {
      this.#tick = tick;
      this.#text = this.now();
    }
    return this.#text;
  }

  now(): Buffer {
    const { registry, traffic, clock } = this.#sources;
    const nowMs = clock.now();
    const states: Record<string, number> = {};
    for (const { phase, count } of registry.counts()) states[phase] = (states[phase] ?? 0) + count;
    const connections: unknown[] = [];
    for (const { id, session, state, openedAtMs, queuedBytes } of registry.all()) {
      if (connections.length === maxListed) break;
      connections.push({ id, protocol: session.protocol, state: state.label, ageMs: Math.round(nowMs - openedAtMs), queuedBytes });
    }
    const { messagesIn, messagesOut } = traffic;
    const upMs = Math.round(nowMs - this.#startedAtMs);
    return Buffer.from(JSON.stringify({ upMs, open: registry.size, states, messagesIn, messagesOut, connections }));
  }
}

export class StatusSocket extends BeatingSocket {
  readonly #board: StatusBoard;

  constructor(beat: Beat, board: StatusBoard) {
    super(beat);
    this.#board = board;
  }

  override onOpen(socket: WebSocketSession): void {
    super.onOpen(socket);
    socket.send(Opcode.Text, this.#board.now());
  }

  beat(tick: number): void {
    const text = this.#board.at(tick);
    if (this.socket.connection.admit(text.length)) this.socket.send(Opcode.Text, text);
  }

  /** There is nothing to say to it. */
  onMessage(): boolean {
    return true;
  }
}
