// A connection as an actor of the chart: it takes one event at a time, each after what the one before asked for has been carried
// out. Outwardly it is an XState actor, so a machine of the user's can hold it.

import type { ConnectionEventType } from './chart.ts';
import { initialStep, stepFrom, type ChartState, type ConnectionSnapshot, type Step } from './steps.ts';

/** Called after every step of the chart with the connection's snapshot, as XState's actors do. */
export type SnapshotListener = (snapshot: ConnectionSnapshot) => void;

let connections = 0;

export abstract class ChartActor {
  /** Unique in this process. */
  readonly id: number = ++connections;
  state: ChartState = initialStep().target;
  /** Everything is let go of: no event counts any more. */
  protected released = false;
  /** Chart events that came while a step's actions were carried out. */
  #mailbox: ConnectionEventType[] | null = null;
  #listeners: SnapshotListener[] | null = null;
  #stepping = false;

  get sessionId(): string {
    return `connection:${this.id}`;
  }

  getSnapshot(): ConnectionSnapshot {
    return this.state.snapshot;
  }

  subscribe(listener: SnapshotListener): { unsubscribe(): void } {
    this.#listeners ??= [];
    this.#listeners.push(listener);
    return {
      unsubscribe: () => {
        this.#listeners = this.#listeners?.filter((one) => one !== listener) ?? null;
      },
    };
  }

  /** Feeds one event to the chart. Events sent by an action are handled after it, in order. */
  send(type: ConnectionEventType): void {
    if (this.released) return;
    if (this.#stepping) {
      (this.#mailbox ??= []).push(type);
      return;
    }
    this.#stepping = true;
    try {
      this.#take(type);
    } finally {
      this.#stepping = false;
    }
    this.#settle();
  }

  /** The chart's first step: into `handshake`. */
  protected begin(): void {
    this.#stepping = true;
    this.enter(initialStep());
    this.#stepping = false;
    this.#settle();
  }

  /** Carries out what the first step asks for. Does not throw. */
  protected abstract enter(first: Step): void;
  /** Carries out what a step asks for, the state being its target already. Does not throw. */
  protected abstract carryOut(step: Step, from: ChartState, type: ConnectionEventType): void;
  /** Somebody who was told of a step has thrown. */
  protected abstract onLookerFailed(error: unknown): void;
  /** Everybody has been told of the step. */
  protected abstract afterStep(): void;

  #settle(): void {
    while (this.#mailbox !== null && !this.#stepping) {
      const mail = this.#mailbox;
      this.#mailbox = null;
      this.#stepping = true;
      try {
        for (const type of mail) if (!this.released) this.#take(type);
      } finally {
        this.#stepping = false;
      }
    }
  }

  #take(type: ConnectionEventType): void {
    const step = stepFrom(this.state, type);
    if (!step.taken) return;
    const from = this.state;
    this.state = step.target;
    this.carryOut(step, from, type);
    if (this.#listeners !== null) this.#tell(this.#listeners, step.target.snapshot);
    this.afterStep();
  }

  /** Who looks on and fails at it costs nobody anything. */
  #tell(listeners: readonly SnapshotListener[], snapshot: ConnectionSnapshot): void {
    for (const listener of listeners) {
      try {
        listener(snapshot);
      } catch (error) {
        this.onLookerFailed(error);
      }
    }
  }
}
