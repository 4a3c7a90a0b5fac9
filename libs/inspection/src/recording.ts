// A recording as a document: what flight recorders keep, taken along. A field problem travels as one JSON file, and `replay` runs it
// against the charts of today.
//
// States are XState's state values, events their types; so a recording means something without the code that made it.

import type { StateValue } from 'xstate';

export interface RecordedStep {
  /** Since the actor was opened; to within an eighth of the time since the step before. */
  readonly atMs: number;
  /** `null` in both: more were seen than the recorder has numbers for. */
  readonly event: string | null;
  readonly state: StateValue | null;
}

/** What is known of an actor that has ended. */
export interface Ending {
  readonly reason: string;
  readonly ageMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly peer: string;
  readonly protocol: string;
}

export interface ActorRecording {
  readonly sessionId: string;
  /** The machine's id. */
  readonly chart: string;
  readonly chartHash: string;
  /** The state that the steps begin in. */
  readonly start: StateValue | null;
  /** Older steps, not kept. */
  readonly lostSteps: number;
  readonly steps: readonly RecordedStep[];
  /** `null` while it lived. */
  readonly ending: Ending | null;
}

export interface Recording {
  readonly format: 'sluice.recording';
  readonly version: 1;
  /** Wall-clock time, in ms since 1970. */
  readonly takenAtMs: number;
  readonly actors: readonly ActorRecording[];
}

export function makeRecording(actors: readonly ActorRecording[], takenAtMs: number): Recording {
  return { format: 'sluice.recording', version: 1, takenAtMs, actors };
}

/** The text is no recording; the message says where it is wrong (`actors[0].steps[3].event: …`). */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** Reads a recording's JSON. What is not known is left out. Throws `RecordingError`. */
export function parseRecording(json: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new RecordingError(`not JSON: ${(error as Error).message}`, { cause: error });
  }
  const document = new Field('recording', value);
  const format = document.get('format').text();
  if (format !== 'sluice.recording') throw new RecordingError(`format: "${format}" is not "sluice.recording"`);
  const version = document.get('version').number();
  if (version !== 1) throw new RecordingError(`version: ${version} is not known here, 1 is`);
  return makeRecording(document.get('actors').list(readActor), document.get('takenAtMs').number());
}

function readActor(actor: Field): ActorRecording {
  return {
    sessionId: actor.get('sessionId').text(),
    chart: actor.get('chart').text(),
    chartHash: actor.get('chartHash').text(),
    start: actor.get('start').orNull((start) => start.stateValue()),
    lostSteps: actor.get('lostSteps').number(),
    steps: actor.get('steps').list((step) => ({
      atMs: step.get('atMs').number(),
      event: step.get('event').orNull((event) => event.eventType()),
      state: step.get('state').orNull((state) => state.stateValue()),
    })),
    ending: actor.get('ending').orNull((ending) => ({
      reason: ending.get('reason').text(),
      ageMs: ending.get('ageMs').number(),
      bytesIn: ending.get('bytesIn').number(),
      bytesOut: ending.get('bytesOut').number(),
      peer: ending.get('peer').text(),
      protocol: ending.get('protocol').text(),
    })),
  };
}

/** No chart is nested deeper. */
const deepestState = 32;

/** A part of the document, with its place in it. */
class Field {
  readonly #place: string;
  readonly #value: unknown;

  constructor(place: string, value: unknown) {
    this.#place = place;
    this.#value = value;
  }

  get(name: string): Field {
    const object = this.#object();
    const place = this.#place === 'recording' ? name : `${this.#place}.${name}`;
    if (!Object.hasOwn(object, name)) throw new RecordingError(`${place}: is missing`);
    return new Field(place, object[name]);
  }

  text(): string {
    return typeof this.#value === 'string' ? this.#value : this.#fail('a string');
  }

  /** XState takes any but the wildcard. */
  eventType(): string {
    const text = this.text();
    return text === '*' ? this.#fail('an event: * stands for all of them') : text;
  }

  number(): number {
    return typeof this.#value === 'number' && this.#value >= 0 ? this.#value : this.#fail('a number of at least 0');
  }

  list<Item>(read: (item: Field) => Item): Item[] {
    if (!Array.isArray(this.#value)) return this.#fail('a list');
    return this.#value.map((item, index) => read(new Field(`${this.#place}[${index}]`, item)));
  }

  orNull<Value>(read: (field: Field) => Value): Value | null {
    return this.#value === null ? null : read(this);
  }

  stateValue(depth = 0): StateValue {
    if (typeof this.#value === 'string') return this.#value;
    if (depth === deepestState) return this.#fail(`at most ${deepestState} levels deep`);
    return Object.fromEntries(Object.keys(this.#object()).map((name) => [name, this.get(name).stateValue(depth + 1)]));
  }

  #object(): Record<string, unknown> {
    const value = this.#value;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : this.#fail('an object');
  }

  #fail(wanted: string): never {
    throw new RecordingError(`${this.#place}: is not ${wanted}`);
  }
}
