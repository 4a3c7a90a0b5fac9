import { describe, expect, it } from 'vitest';
import type { ActorRecording } from '../../src/api/documents.ts';
import { LiveTimeline } from '../../src/timeline/live-timeline.ts';

const seen = (event: string, state: string, epochMs: number): object => ({ type: '@xstate.snapshot', sessionId: 'c', createdAt: String(epochMs), event: { type: event }, snapshot: { value: state } });
const recording = (lostSteps: number, steps: ActorRecording['steps']): ActorRecording => ({ sessionId: 'c', chart: 'connection', chartHash: '', start: 'a', lostSteps, steps, ending: null });

describe('a timeline that grows', () => {
  it('waits for the recording, and loses nothing that came meanwhile', () => {
    const live = new LiveTimeline('c', 1000);
    live.begin();
    live.receive(seen('GO', 'b', 1200));
    live.receive(seen('ON', 'c', 1300));
    expect(live.timeline.get()).toBe(null);
    live.takeRecording(recording(0, [{ atMs: 190, event: 'GO', state: 'b' }]));
    live.receive(seen('END', 'd', 1400));
    expect(live.timeline.get()?.steps).toEqual([
      { atMs: 190, event: 'GO', state: 'b' },
      { atMs: 300, event: 'ON', state: 'c' },
      { atMs: 400, event: 'END', state: 'd' },
    ]);
  });

  it('takes up where it was when the stream comes back', () => {
    const live = new LiveTimeline('c', 0);
    live.takeRecording(recording(0, [{ atMs: 1, event: 'ONE', state: 'b' }]));
    live.receive(seen('TWO', 'c', 2));
    live.begin();
    live.takeRecording(recording(1, [{ atMs: 2, event: 'TWO', state: 'c' }, { atMs: 3, event: 'THREE', state: 'd' }]));
    expect(live.timeline.get()?.steps.map(({ event }) => event)).toEqual(['ONE', 'TWO', 'THREE']);
  });

  it('shows where events are missing', () => {
    const live = new LiveTimeline('c', 0);
    live.takeRecording(recording(0, [{ atMs: 7, event: 'ONE', state: 'b' }]));
    live.receive({ type: '@xstate.event', sessionId: 'root', event: { type: 'EVENTS.LOST', count: 3 } });
    expect(live.timeline.get()?.steps.at(-1)).toEqual({ atMs: 7, event: null, state: null });
  });
});
