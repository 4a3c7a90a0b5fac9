// What inspection costs. Run it alone:
//     node --expose-gc --conditions=@sluice/source test/measure.ts
// Prints medians of seven runs, in CPU time. Not a test: figures depend on the machine.

import { connectionMachine, initialStep, stepFrom, type ChartState, type ConnectionEventType } from '@sluice/connection';
import { FlightRecorder, Inspection, NO_FLIGHT, type ActorDirectory, type InspectedActor, type Recorded } from '../src/index.ts';

const runs = 7;

class Actor implements InspectedActor, Recorded {
  readonly id: number;
  readonly openedAtMs = 0;
  state = initialStep().target;
  flight = NO_FLIGHT;

  constructor(id: number) {
    this.id = id;
  }

  get sessionId(): string {
    return `connection:${this.id}`;
  }

  getSnapshot() {
    return this.state.snapshot;
  }
}

const root: InspectedActor = { sessionId: 'supervisor', getSnapshot: () => ({ status: 'active', output: undefined, error: undefined }) };
const facts = { peer: '192.0.2.1', protocol: 'websocket', topics: ['news'], tags: [] };
const directory: ActorDirectory = {
  parentOf: (actor) => (actor === root ? null : root),
  machineOf: () => connectionMachine,
  factsOf: () => facts,
};

/** `work(rounds)` does the operation `rounds` times. */
function time(name: string, rounds: number, work: (rounds: number) => void): void {
  work(rounds);
  const taken: number[] = [];
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    work(rounds);
    const { user, system } = process.cpuUsage(before);
    taken.push(((user + system) * 1000) / rounds);
  }
  console.log(`${name.padEnd(62)} ${taken.sort((a, b) => a - b)[runs >> 1].toFixed(1).padStart(8)} ns`);
}

const clear = stepFrom(initialStep().target, 'HANDSHAKE.DONE').target;
const choked = stepFrom(clear, 'OUTBOUND.FULL').target;
const actors = Array.from({ length: 1000 }, (_, id) => new Actor(id));
type Tell = (actor: Actor, from: ChartState, to: ChartState, event: ConnectionEventType) => void;

/** Each actor is choked and cleared in turn. */
const walk = (tell: Tell) => (rounds: number) => {
  for (let i = 0; i < rounds; i += 2) {
    const actor = actors[(i >> 1) % actors.length];
    tell(actor, clear, choked, 'OUTBOUND.FULL');
    tell(actor, choked, clear, 'OUTBOUND.CLEAR');
  }
};

let steps = 0;
time('a step, the observer only counts', 1_000_000, walk((_actor, from, to) => void (steps += from === to ? 0 : 1)));
const inspection = new Inspection({ root, directory, epochMs: Date.now });
const inspected: Tell = (actor, from, to, event) => {
  steps++;
  inspection.onStep(actor, from, to, event);
};
time('the same, nobody watches', 1_000_000, walk(inspected));
const one = inspection.watch({ actors: [new Actor(-1)] })!;
time('one actor is watched, and this is another', 1_000_000, walk(inspected));
one.close();
const some = inspection.watch({ peer: '198.51.100.1' })!;
time('a filter by peer that lets none through', 1_000_000, walk(inspected));
some.close();
const share = inspection.watch({ share: 0 })!;
time('a share of 0', 1_000_000, walk(inspected));
share.close();
const all = inspection.watch({})!;
time('all are watched, and taken', 100_000, (rounds) => {
  walk((...step) => {
    inspected(...step);
    while (all.next() !== null);
  })(rounds);
});
time('all are watched, and lost', 100_000, walk(inspected));
all.close();

const recorder = new FlightRecorder({ machine: connectionMachine });
let now = 0;
for (const actor of actors) recorder.open(actor, actor.state, now);
time('recorded', 1_000_000, walk((actor, _from, to, event) => recorder.record(actor, to, event, (now += 3))));
const ending = { reason: 'served', ageMs: 1, bytesIn: 1, bytesOut: 1, peer: 'peer', protocol: 'http' };
const brief = new Actor(0);
time('opened and ended', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i++) {
    recorder.open(brief, clear, now);
    recorder.close(brief, ending, now);
  }
});
console.log(`${recorder.bytesPerActor} bytes for each actor's steps, ${(recorder.bytes / 1024).toFixed(0)} KiB for ${actors.length} open and 1000 that ended`);
if (steps === 0) throw new Error('nothing was told');
