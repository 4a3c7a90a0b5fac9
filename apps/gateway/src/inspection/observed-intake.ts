// Stands by at one listener: has every connection's steps recorded, shows them to who watches, and counts how often the listener came back.
// While nobody watches, a step costs three bytes written and one look at `null`.

import type { ChartState, CloseReason, Connection, ConnectionEventType, ConnectionHost, ListenerEventType, ListenerState } from '@sluice/connection';
import type { FlightRecorder, Inspection } from '@sluice/inspection';
import type { LifeObserver, ListenerActor } from '@sluice/supervision';
import type { Clock } from '@sluice/timing';
import { clientOf } from '../client-address/request-client.ts';
import type { GatewayActors } from './actors.ts';

export interface Observing {
  readonly actors: GatewayActors;
  readonly inspection: Inspection;
  readonly recorder: FlightRecorder;
  readonly listenerRecorder: FlightRecorder;
  readonly clock: Clock;
}

export class ObservedIntake implements LifeObserver {
  readonly #observing: Observing;
  #host: ConnectionHost | null = null;
  #listener: ListenerActor | null = null;
  /** How often the listener was bound again. */
  restarts = 0;

  constructor(observing: Observing) {
    this.#observing = observing;
  }

  /** Null for an intake without one, and before its first step. */
  get listener(): ListenerActor | null {
    return this.#listener;
  }

  /** Of the listener's chart. The first, which binds it, comes before any connection. */
  readonly onListenerStep = (listener: ListenerActor, from: ListenerState, to: ListenerState, event: ListenerEventType): void => {
    const { listenerRecorder, inspection, clock } = this.#observing;
    if (this.#listener === null) {
      this.#listener = listener;
      listenerRecorder.open(listener, from, listener.openedAtMs);
    }
    if (from.phase === 'binding' && event === 'BOUND') this.restarts++;
    // What an accept moves is a deadline, not the listener.
    if (from !== to) listenerRecorder.record(listener, to, event, clock.now());
    inspection.onStep(listener, from, to, event);
  };

  onOpen(connection: Connection): void {
    const { actors, recorder, clock } = this.#observing;
    if (this.#host === null) {
      this.#host = connection.host;
      if (this.#listener !== null) actors.setParent(connection.host, this.#listener);
    }
    recorder.open(connection, connection.state, clock.now());
  }

  onStep(connection: Connection, from: ChartState, to: ChartState, event: ConnectionEventType): void {
    const { recorder, inspection, clock } = this.#observing;
    recorder.record(connection, to, event, clock.now());
    inspection.onStep(connection, from, to, event);
  }

  onClosed(connection: Connection, reason: CloseReason): void {
    const { endpoint, session, openedAtMs } = connection;
    const { recorder, clock } = this.#observing;
    const nowMs = clock.now();
    const { bytesIn, bytesOut } = endpoint;
    const peer = clientOf(connection);
    recorder.close(connection, { reason, ageMs: nowMs - openedAtMs, bytesIn, bytesOut, peer: peer.host, protocol: session.protocol }, nowMs);
  }
}
