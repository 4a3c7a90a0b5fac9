import { connectionMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { describeConnection, FlightRecorder, Inspection, NO_FLIGHT } from '../src/index.ts';
import { connectionStage } from './support/connection-stage.ts';
import { listener, supervisor } from './support/cast.ts';

describe('a connection described', () => {
  it('says where it stands, what it holds and what comes next', () => {
    const { clock, connection, endpoint, session } = connectionStage();
    connection.start();
    connection.setThrottle('in', 5000);
    clock.advanceBy(100);
    connection.established();
    endpoint.capacity = 300;
    session.output.write(new Uint8Array(1500));
    connection.requestFlush();
    clock.advanceBy(400);
    expect(describeConnection(connection)).toEqual({
      sessionId: connection.sessionId,
      label: 'established(inbound.flowing outbound.choked)',
      value: { established: { inbound: 'flowing', outbound: 'choked' } },
      stateIds: expect.arrayContaining(['connection.established.outbound.choked']),
      tags: ['paused'],
      nextEvents: expect.arrayContaining(['OUTBOUND.CLEAR', 'ABORT']),
      protocol: 'telling',
      peer: { host: '192.0.2.7', port: 4711 },
      local: { host: '192.0.2.1', port: 80 },
      ageMs: 500,
      reason: null,
      failure: null,
      bytesIn: 0,
      bytesOut: 300,
      inbound: { heldBytes: 12, paused: true, discarding: false, throttleBytesPerSecond: 5000 },
      outbound: { queuedBytes: 1200, allowanceBytes: 0, highBytes: 1000, lowBytes: 250, throttleBytesPerSecond: 0 },
      timers: [
        { name: 'idle', leftMs: 4600 },
        { name: 'sustain', leftMs: 59_500 },
      ],
    });
  });

  it('is JSON as it stands', () => {
    const { connection } = connectionStage();
    connection.start();
    const description = describeConnection(connection);
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  it('has what TLS agreed on, or that it has not yet', () => {
    const secure = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', alpn: null, serverName: 'a.test', resumed: false, peerCertificate: null };
    expect(describeConnection(connectionStage(undefined, secure).connection).secure).toEqual(secure);
    expect(describeConnection(connectionStage(undefined, null).connection).secure).toBeNull();
    expect('secure' in describeConnection(connectionStage().connection)).toBe(false);
  });

  it('has no timers and no events to come once it is closed, and the reason', () => {
    const { connection } = connectionStage();
    connection.start();
    connection.abort();
    expect(describeConnection(connection)).toMatchObject({ label: 'closed', reason: 'aborted', timers: [], nextEvents: [] });
  });
});

describe('a real connection', () => {
  it('is watched and recorded through its observer', () => {
    const inspection = new Inspection({
      root: supervisor,
      directory: {
        parentOf: (actor) => (actor === supervisor ? null : actor === listener ? supervisor : listener),
        machineOf: (actor) => (actor.sessionId.startsWith('connection:') ? connectionMachine : null),
        factsOf: () => ({ peer: null, protocol: null, topics: [], tags: [] }),
      },
      epochMs: () => 0,
    });
    const recorder = new FlightRecorder({ machine: connectionMachine });
    const { clock, connection } = connectionStage((one, from, to, event) => {
      recorder.record(recorded, to, event, clock.now());
      inspection.onStep(one, from, to, event);
    });
    const recorded = Object.assign(connection, { flight: NO_FLIGHT });
    const watcher = inspection.watch({ actors: [connection] })!;
    recorder.open(recorded, connection.state, clock.now());
    connection.start();
    clock.advanceBy(7);
    connection.established();
    connection.abort();
    const types: string[] = [];
    for (let text = watcher.next(); text !== null; text = watcher.next()) types.push((JSON.parse(text) as { type: string }).type);
    expect(types).toEqual(['@xstate.actor', '@xstate.actor', '@xstate.actor', '@xstate.event', '@xstate.snapshot', '@xstate.event', '@xstate.snapshot']);
    expect(watcher.isOver).toBe(true);
    expect(recorder.recordingOf(recorded)?.steps).toMatchObject([
      { atMs: 7, event: 'HANDSHAKE.DONE' },
      { atMs: 7, event: 'ABORT', state: 'closed' },
    ]);
  });
});
