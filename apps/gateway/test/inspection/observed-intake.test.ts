import { connectionMachine, listenerMachine } from '@sluice/connection';
import { FlightRecorder, Inspection, NO_FLIGHT } from '@sluice/inspection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayActors } from '../../src/inspection/actors.ts';
import { ObservedIntake } from '../../src/inspection/observed-intake.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { newest } from './admin-client.ts';

let running: GatewayInMemory;
beforeEach(async () => {
  running = await GatewayInMemory.start({ inspection: { enabled: false } });
});
afterEach(() => running.stop());

function observing() {
  const actors = new GatewayActors(running.gateway.registry);
  return {
    actors,
    inspection: new Inspection({ root: actors.root, directory: actors, epochMs: () => 0 }),
    recorder: new FlightRecorder({ machine: connectionMachine, endedKept: 2 }),
    listenerRecorder: new FlightRecorder({ machine: listenerMachine, endedKept: 0 }),
    clock: running.network.clock,
  };
}

describe('ObservedIntake', () => {
  it('records a life, shows it to who watches, and keeps how it ended', () => {
    const all = observing();
    const intake = new ObservedIntake(all);
    running.connect().upgrade('/topics/a');
    const connection = newest(running);
    const watcher = all.inspection.watch({})!;
    intake.onOpen(connection);
    const before = connection.state;
    connection.abort('aborted');
    intake.onStep(connection, before, connection.state, 'ABORT');
    intake.onClosed(connection, 'aborted');
    expect(connection.flight).toBe(NO_FLIGHT);
    expect(all.recorder.recordingOfEnded(connection.sessionId)).toMatchObject({
      steps: [{ event: 'ABORT', state: 'closed' }],
      ending: { reason: 'aborted', peer: '127.0.0.1', protocol: 'websocket', bytesIn: connection.endpoint.bytesIn },
    });
    expect([watcher.next(), watcher.next()].map((json) => (JSON.parse(json!) as { sessionId: string }).sessionId)).toEqual(['gateway', 'adopted']);
  });

  it('knows the listener from its first step, and whose children its connections are', () => {
    const all = observing();
    const intake = new ObservedIntake(all);
    const { actor } = running.gateway.listeners[0]!;
    expect(intake.listener).toBeNull();
    intake.onListenerStep(actor, actor.state, actor.state, 'ACCEPTED');
    expect(intake.listener).toBe(actor);
    running.connect();
    running.pass(1);
    intake.onOpen(newest(running));
    expect(all.actors.parentOf(newest(running))).toBe(actor);
    expect(all.listenerRecorder.recordingOf(actor)!.steps).toEqual([]);
  });
});

describe('an unwatched gateway', () => {
  it('records every connection that comes, and gives their rows back', async () => {
    await running.stop();
    running = await GatewayInMemory.start({ inspection: { maxRecordedConnections: 0 } });
    running.connect().upgrade('/topics/a');
    const first = newest(running);
    const row = first.flight;
    expect(row).toBeGreaterThanOrEqual(0);
    first.abort();
    expect(first.flight).toBe(NO_FLIGHT);
    running.connect().upgrade('/topics/a');
    expect(newest(running).flight).toBe(row);
  });
});
