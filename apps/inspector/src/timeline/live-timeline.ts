// A timeline that grows: the recording so far, and behind it what the stream tells. The two are asked for at the same time, so that no
// step falls between them; each time the stream comes back the recording is asked for again.

import type { ActorRecording } from '../api/documents.ts';
import { Store } from '../state/store.ts';
import { readInspectionEvent } from './inspection-event.ts';
import { withRecording, withStep, withStream, type Step, type Timeline } from './timeline.ts';

export class LiveTimeline {
  readonly timeline = new Store<Timeline | null>(null);
  readonly #sessionId: string;
  readonly #openedAtMs: number;
  /** Steps since the stream opened; `null` once the recording is in place. */
  #streamed: Step[] | null = [];

  /** `openedAtMs` is by the gateway's clock, in ms since 1970. */
  constructor(sessionId: string, openedAtMs: number) {
    this.#sessionId = sessionId;
    this.#openedAtMs = openedAtMs;
  }

  /** The stream is opened, or opened again: a recording is on its way. */
  begin(): void {
    this.#streamed = [];
  }

  receive(data: unknown): void {
    const seen = readInspectionEvent(data, this.#sessionId);
    if (seen === null || seen.kind === 'introduced') return;
    const step: Step =
      seen.kind === 'lost'
        ? { atMs: this.#lastMs(), event: null, state: null }
        : { atMs: Math.max(0, seen.epochMs - this.#openedAtMs), event: seen.event, state: seen.state };
    const timeline = this.timeline.get();
    if (this.#streamed !== null) this.#streamed.push(step);
    else if (timeline !== null) this.timeline.set(withStep(timeline, step));
  }

  takeRecording(recording: ActorRecording): void {
    const streamed = this.#streamed ?? [];
    this.#streamed = null;
    this.timeline.set(withStream(withRecording(this.timeline.get(), recording), streamed));
  }

  #lastMs(): number {
    return this.timeline.get()?.steps.at(-1)?.atMs ?? 0;
  }
}
