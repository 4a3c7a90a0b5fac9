// What we write against what `@statelyai/inspect` itself writes and takes.

import { connectionMachine } from '@sluice/connection';
import { createBrowserInspector, createBrowserReceiver, createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { formatVersion, Inspection, lostEventType, type QueueLimits } from '../src/index.ts';
import { directory, listener, Player, supervisor } from './support/cast.ts';

/** A player's life, as a watcher gets it. */
function ours(limits?: QueueLimits): StatelyInspectionEvent[] {
  const inspection = new Inspection({ root: supervisor, directory, epochMs: () => 1_700_000_000_000 });
  const player = new Player((...step) => inspection.onStep(...step));
  const watcher = inspection.watch({}, limits)!;
  player.send('HANDSHAKE.DONE', 'OUTBOUND.FULL', 'ABORT');
  const events: StatelyInspectionEvent[] = [];
  for (let text = watcher.next(); text !== null; text = watcher.next()) events.push(JSON.parse(text) as StatelyInspectionEvent);
  return events;
}

/** The same life of an XState actor, as the package's own inspector sends it. */
async function theirs(): Promise<StatelyInspectionEvent[]> {
  const events: StatelyInspectionEvent[] = [];
  // The package converts events when the process is idle, the last one last.
  const last = Promise.withResolvers<void>();
  const { inspect } = createInspector({
    send: (event) => {
      events.push(event);
      if (event.type === '@xstate.snapshot' && event.event.type === 'ABORT') last.resolve();
    },
  });
  const actor = createActor(connectionMachine, { inspect });
  actor.start();
  for (const type of ['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'ABORT'] as const) actor.send({ type });
  await last.promise;
  return events.map((event) => JSON.parse(JSON.stringify(event)) as StatelyInspectionEvent);
}

const ofType = (events: readonly StatelyInspectionEvent[], type: StatelyInspectionEvent['type']) => events.filter((event) => event.type === type);

describe('the format', () => {
  it("has the fields of the package's own events, and its version", async () => {
    const [mine, reference] = [ours(), await theirs()];
    for (const type of ['@xstate.actor', '@xstate.event', '@xstate.snapshot'] as const) {
      const wanted = Object.keys(ofType(reference, type).at(-1)!);
      for (const event of ofType(mine, type)) expect(Object.keys(event)).toEqual(expect.arrayContaining(wanted));
    }
    for (const event of mine) expect(event._version).toBe(reference[0]._version);
    expect(formatVersion).toBe(reference[0]._version);
  });

  it('describes the same chart, events and states', async () => {
    const [mine, reference] = [ours(), await theirs()];
    const definition = (events: StatelyInspectionEvent[]) => {
      const actor = ofType(events, '@xstate.actor').at(-1)!;
      return actor.type === '@xstate.actor' ? (JSON.parse(actor.definition!) as unknown) : null;
    };
    expect(definition(mine)).toEqual(definition(reference));
    const steps = (events: StatelyInspectionEvent[]) =>
      ofType(events, '@xstate.snapshot').flatMap((step) => {
        if (step.type !== '@xstate.snapshot' || step.event.type === 'xstate.init') return [];
        const { status, value, context } = step.snapshot as { status: string; value?: unknown; context?: unknown };
        return [{ event: step.event.type, status, value, context }];
      });
    expect(steps(mine)).toEqual(steps(reference));
  });

  it('tells the chain from a connection to its listener to the supervisor', () => {
    const actors = ofType(ours(), '@xstate.actor');
    const chain = actors.map((actor) => (actor.type === '@xstate.actor' ? [actor.sessionId, actor.parentId, actor.rootId] : []));
    expect(chain).toEqual([
      [supervisor.sessionId, undefined, supervisor.sessionId],
      [listener.sessionId, supervisor.sessionId, supervisor.sessionId],
      [expect.stringMatching(/^connection:\d+$/), listener.sessionId, supervisor.sessionId],
    ]);
  });

  it('gives an actor without a chart a definition of its name', () => {
    const [actor] = ofType(ours(), '@xstate.actor');
    expect(actor.type === '@xstate.actor' && JSON.parse(actor.definition!)).toEqual({ id: supervisor.sessionId });
  });

  it('gives each event its own id and the time in ms since 1970', () => {
    const events = ours();
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const { createdAt } of events) expect(createdAt).toBe('1700000000000');
  });
});

/** As much of a browser's window as the package looks at. */
function makeWindow() {
  const listeners: ((event: { data: unknown }) => void)[] = [];
  const posted: unknown[] = [];
  const fake = {
    self: null as unknown,
    top: null as unknown,
    opener: null,
    addEventListener: (_type: string, listener: (event: { data: unknown }) => void) => void listeners.push(listener),
    postMessage: (data: unknown) => void posted.push(data),
    open: () => fake,
    deliver: (data: unknown) => listeners.forEach((listener) => listener({ data })),
  };
  fake.self = fake;
  fake.top = fake;
  return { fake, posted, window: fake as never };
}

describe("the package's own adapters", () => {
  const everything = () => [...ours(), ...ours({ maxEvents: 4, maxBytes: 64 * 1024 })];

  it('hand each of our events on unchanged, markers of lost ones too', () => {
    const events = everything();
    expect(events.some((event) => event.type === '@xstate.event' && event.event.type === lostEventType)).toBe(true);
    const { fake, posted, window } = makeWindow();
    const inspector = createBrowserInspector({ window });
    fake.deliver({ type: '@statelyai.connected' });
    for (const event of events) inspector.adapter.send(event);
    expect(posted).toEqual(events);
  });

  it('are understood: a receiver tells its observers of each', () => {
    const { fake, window } = makeWindow();
    const received: StatelyInspectionEvent[] = [];
    createBrowserReceiver({ window }).subscribe((event) => void received.push(event));
    const events = everything();
    events.forEach(fake.deliver);
    expect(received).toEqual(events);
  });
});
