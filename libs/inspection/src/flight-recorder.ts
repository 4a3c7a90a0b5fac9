// The last steps of every actor of one chart, always on: "why did it close" can be asked afterwards. Recording a step stores three
// bytes and allocates nothing. When an actor ends its row is not given back but handed to the ring of the last that ended, which gives
// it back when newer ones push it out.

import type { AnyStateMachine, StateValue } from 'xstate';
import type { InspectedState } from './actor.ts';
import { CodeTable } from './code-table.ts';
import { chartHash } from './chart-hash.ts';
import { FlightRows, NO_FLIGHT } from './flight-rows.ts';
import type { ActorRecording, Ending } from './recording.ts';

/** What is recorded: an actor with room for the number of its row. */
export interface Recorded {
  readonly sessionId: string;
  readonly openedAtMs: number;
  /** The recorder's own: starts as `NO_FLIGHT`, and nobody else writes it. */
  flight: number;
}

/** One that has ended. */
export interface Ended {
  readonly sessionId: string;
  readonly openedAtMs: number;
  /** Of the recorder's clock. */
  readonly endedAtMs: number;
  readonly ending: Ending;
}

export interface FlightRecorderOptions {
  readonly machine: AnyStateMachine;
  /** For each actor; the first is taken up by the state it begins in. Default 24, 2 to 255. */
  readonly stepsKept?: number;
  /** Of how many that ended. Default 1,000. */
  readonly endedKept?: number;
}

/** The event of a row's first entry: the actor was opened. No chart has it. */
const opened = '';

export class FlightRecorder {
  readonly #machine: AnyStateMachine;
  readonly #rows: FlightRows;
  readonly #events = new CodeTable<string>();
  readonly #states = new CodeTable<StateValue>();
  readonly #endedKept: number;
  /** Used as a ring once it is full: `#endedCount % #endedKept` is written next. */
  readonly #ended: (Ended & { readonly row: number })[] = [];
  #endedCount = 0;

  constructor(options: FlightRecorderOptions) {
    this.#machine = options.machine;
    this.#rows = new FlightRows(options.stepsKept ?? 24);
    this.#endedKept = options.endedKept ?? 1000;
    if (!(Number.isInteger(this.#endedKept) && this.#endedKept >= 0)) throw new RangeError(`${this.#endedKept} is no number of actors`);
  }

  /** Memory for steps: all rows that were ever in use at a time, in slabs of 1,024. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  /** Of those: for each actor, open or among those kept. */
  get bytesPerActor(): number {
    return this.#rows.bytesPerRow;
  }

  /** The actor begins, in this state. */
  open(actor: Recorded, state: InspectedState, nowMs: number): void {
    if (actor.flight !== NO_FLIGHT) return;
    actor.flight = this.#rows.take(nowMs);
    this.record(actor, state, opened, nowMs);
  }

  /** A step, with the state it led to. Nothing happens for an actor that is not open. */
  record(actor: Recorded, to: InspectedState, event: string, nowMs: number): void {
    const { flight } = actor;
    if (flight === NO_FLIGHT) return;
    this.#rows.write(flight, this.#events.codeOf(event, event), this.#states.codeOf(to.label, to.snapshot.value), nowMs);
  }

  /** The actor has ended. */
  close(actor: Recorded, ending: Ending, nowMs: number): void {
    const row = actor.flight;
    if (row === NO_FLIGHT) return;
    actor.flight = NO_FLIGHT;
    if (this.#endedKept === 0) {
      this.#rows.give(row);
      return;
    }
    const place = this.#endedCount++ % this.#endedKept;
    if (place < this.#ended.length) this.#rows.give(this.#ended[place].row);
    this.#ended[place] = { sessionId: actor.sessionId, openedAtMs: actor.openedAtMs, endedAtMs: nowMs, ending, row };
  }

  /** The last that ended, the newest first. */
  ended(): Ended[] {
    return this.#newestFirst().map(({ row: _, ...ended }) => ended);
  }

  /** What is kept of an open actor. */
  recordingOf(actor: Recorded): ActorRecording | null {
    return actor.flight === NO_FLIGHT ? null : this.#read(actor, actor.flight, null);
  }

  /** What is kept of one that has ended. */
  recordingOfEnded(sessionId: string): ActorRecording | null {
    const ended = this.#newestFirst().find((each) => each.sessionId === sessionId);
    return ended === undefined ? null : this.#read(ended, ended.row, ended.ending);
  }

  #newestFirst(): (Ended & { readonly row: number })[] {
    const newest = this.#endedCount % this.#endedKept || this.#ended.length;
    return [...this.#ended.slice(0, newest).toReversed(), ...this.#ended.slice(newest).toReversed()];
  }

  #read(actor: { readonly sessionId: string; readonly openedAtMs: number }, row: number, ending: Ending | null): ActorRecording {
    const [start, ...steps] = this.#rows.read(row);
    return {
      sessionId: actor.sessionId,
      chart: this.#machine.id,
      chartHash: chartHash(this.#machine),
      start: this.#states.valueOf(start.state),
      lostSteps: this.#rows.count(row) - 1 - steps.length,
      steps: steps.map(({ event, state, atMs }) => ({
        atMs: Math.round(atMs - actor.openedAtMs),
        event: this.#events.valueOf(event),
        state: this.#states.valueOf(state),
      })),
      ending,
    };
  }
}
