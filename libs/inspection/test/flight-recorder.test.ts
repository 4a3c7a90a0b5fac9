import { connectionMachine, type ConnectionEventType } from '@sluice/connection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartHash, FlightRecorder, NO_FLIGHT, type Ending } from '../src/index.ts';
import { anyEvent, Player } from './support/cast.ts';

const ending: Ending = { reason: 'aborted', ageMs: 40, bytesIn: 1, bytesOut: 2, peer: '192.0.2.1:9', protocol: 'websocket' };

function stage(options: { stepsKept?: number; endedKept?: number } = {}) {
  const recorder = new FlightRecorder({ machine: connectionMachine, ...options });
  const clock = { now: 0 };
  const open = () => {
    const player = new Player((actor, _from, to, event) => recorder.record(actor, to, event, clock.now), clock.now);
    recorder.open(player, player.state, clock.now);
    return player;
  };
  return { recorder, clock, open };
}

describe('a flight recorder', () => {
  it('keeps an actor’s steps with their states and times', () => {
    const { recorder, clock, open } = stage();
    clock.now = 1000;
    const player = open();
    clock.now = 1003;
    player.send('HANDSHAKE.DONE');
    clock.now = 1010;
    player.send('OUTBOUND.FULL');
    expect(recorder.recordingOf(player)).toEqual({
      sessionId: player.sessionId,
      chart: 'connection',
      chartHash: chartHash(connectionMachine),
      start: 'handshake',
      lostSteps: 0,
      steps: [
        { atMs: 3, event: 'HANDSHAKE.DONE', state: { established: { inbound: 'flowing', outbound: 'clear' } } },
        { atMs: 10, event: 'OUTBOUND.FULL', state: { established: { inbound: 'flowing', outbound: 'choked' } } },
      ],
      ending: null,
    });
  });

  it('keeps the last ones, and the state they begin in', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.integer({ min: 2, max: 16 }), (events, stepsKept) => {
        const { recorder, open } = stage({ stepsKept });
        const player = open();
        const model: { event: ConnectionEventType | null; state: unknown }[] = [{ event: null, state: player.state.snapshot.value }];
        for (const event of events) {
          if (player.send(event)) model.push({ event, state: player.state.snapshot.value });
        }
        const recording = recorder.recordingOf(player)!;
        const [start, ...steps] = model.slice(-stepsKept);
        expect(recording.start).toEqual(start.state);
        expect(recording.steps.map(({ event, state }) => ({ event, state }))).toEqual(steps);
        expect(recording.lostSteps).toBe(model.length - 1 - steps.length);
      }),
    );
  });

  it('keeps the last that ended, the newest first, and gives the rows of others back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 30 }), (endedKept, count) => {
        const { recorder, clock, open } = stage({ endedKept });
        const ids: string[] = [];
        for (let i = 0; i < count; i++) {
          clock.now += 10;
          const player = open();
          player.send('HANDSHAKE.DONE', 'ABORT');
          recorder.close(player, { ...ending, bytesIn: i }, clock.now);
          expect(player.flight).toBe(NO_FLIGHT);
          ids.push(player.sessionId);
        }
        const newest = ids.toReversed().slice(0, endedKept);
        expect(recorder.ended().map(({ sessionId }) => sessionId)).toEqual(newest);
        for (const sessionId of ids) {
          const recording = recorder.recordingOfEnded(sessionId);
          if (!newest.includes(sessionId)) expect(recording).toBeNull();
          else expect(recording).toMatchObject({ sessionId, steps: [{ event: 'HANDSHAKE.DONE' }, { event: 'ABORT', state: 'closed' }] });
        }
      }),
    );
  });

  it('says of one that ended what is known of its end', () => {
    const { recorder, clock, open } = stage();
    clock.now = 500;
    const player = open();
    recorder.close(player, ending, 540);
    expect(recorder.ended()).toEqual([{ sessionId: player.sessionId, openedAtMs: 500, endedAtMs: 540, ending }]);
    expect(recorder.recordingOfEnded(player.sessionId)?.ending).toEqual(ending);
  });

  it('grows with the actors that live at a time, not with those that ever lived', () => {
    const { recorder, open } = stage({ endedKept: 10 });
    for (let i = 0; i < 5000; i++) recorder.close(open(), ending, 0);
    expect(recorder.bytes).toBe(1024 * recorder.bytesPerActor);
  });

  it('ignores who is not open, and a second opening', () => {
    const { recorder, open } = stage();
    const stranger = new Player();
    recorder.record(stranger, stranger.state, 'DRAIN', 0);
    recorder.close(stranger, ending, 0);
    expect([recorder.recordingOf(stranger), recorder.ended()]).toEqual([null, []]);
    const player = open();
    const { flight } = player;
    recorder.open(player, player.state, 5);
    expect(player.flight).toBe(flight);
    expect(recorder.recordingOf(player)?.steps).toEqual([]);
  });

  it('refuses a number of kept actors that is none', () => {
    expect(() => stage({ endedKept: -1 })).toThrow(RangeError);
  });
});
