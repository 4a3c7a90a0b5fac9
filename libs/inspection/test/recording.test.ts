import { connectionMachine } from '@sluice/connection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlightRecorder, makeRecording, parseRecording, RecordingError } from '../src/index.ts';
import { anyEvent, Player } from './support/cast.ts';

function record(lives: readonly (readonly Parameters<Player['send']>[0][])[]) {
  const recorder = new FlightRecorder({ machine: connectionMachine });
  const actors = lives.map((events) => {
    const player = new Player((actor, _from, to, event) => recorder.record(actor, to, event, 0));
    recorder.open(player, player.state, 0);
    player.send(...events);
    if (player.state.phase !== 'closed') return recorder.recordingOf(player)!;
    recorder.close(player, { reason: 'aborted', ageMs: 1, bytesIn: 2, bytesOut: 3, peer: 'peer', protocol: 'sse' }, 0);
    return recorder.recordingOfEnded(player.sessionId)!;
  });
  return makeRecording(actors, 1_700_000_000_000);
}

describe('a recording', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyEvent)), (lives) => {
        const recording = record(lives);
        expect(parseRecording(JSON.stringify(recording))).toEqual(recording);
      }),
    );
  });

  it('says what is wrong with a file that is none, and where', () => {
    const good = JSON.parse(JSON.stringify(record([['HANDSHAKE.DONE', 'ABORT']]))) as Record<string, unknown> & { actors: Record<string, unknown>[] };
    const [actor] = good.actors;
    const wrong: [unknown, string][] = [
      [[], 'recording: is not an object'],
      [{ ...good, format: 'other' }, 'format: "other" is not "sluice.recording"'],
      [{ ...good, version: 2 }, 'version: 2 is not known here, 1 is'],
      [{ ...good, actors: undefined }, 'actors: is missing'],
      [{ ...good, actors: {} }, 'actors: is not a list'],
      [{ ...good, actors: [{ ...actor, start: 7 }] }, 'actors[0].start: is not an object'],
      [{ ...good, actors: [{ ...actor, lostSteps: -1 }] }, 'actors[0].lostSteps: is not a number of at least 0'],
      [{ ...good, actors: [actor, { ...actor, steps: [{ atMs: 0, event: 3, state: 'a' }] }] }, 'actors[1].steps[0].event: is not a string'],
      [{ ...good, actors: [{ ...actor, steps: [{ atMs: 0, event: '*', state: 'a' }] }] }, 'actors[0].steps[0].event: is not an event: * stands for all of them'],
      [{ ...good, actors: [{ ...actor, ending: { reason: 'x' } }] }, 'actors[0].ending.ageMs: is missing'],
    ];
    for (const [value, message] of wrong) {
      expect(() => parseRecording(JSON.stringify(value))).toThrow(new RecordingError(message));
    }
    expect(() => parseRecording('{')).toThrow(RecordingError);
  });

  it('bounds how deep a state may be nested', () => {
    const recording = JSON.stringify(record([[]])).replace('"start":"handshake"', `"start":${'{"a":'.repeat(5000)}"b"${'}'.repeat(5000)}`);
    expect(() => parseRecording(recording)).toThrow('levels deep');
  });
});
