// Actors that run the connection's chart and nothing else, under a listener and a supervisor; each tells `onStep` what it does.

import { connectionMachine, initialStep, stepFrom, type ChartState, type ConnectionEventType } from '@sluice/connection';
import fc from 'fast-check';
import { NO_FLIGHT, type ActorDirectory, type ActorFacts, type InspectedActor, type Recorded } from '../../src/index.ts';

type Told = (actor: Player, from: ChartState, to: ChartState, event: ConnectionEventType) => void;

let players = 0;

export class Player implements InspectedActor, Recorded {
  readonly sessionId = `connection:${++players}`;
  readonly openedAtMs: number;
  state = initialStep().target;
  flight = NO_FLIGHT;
  facts: ActorFacts = { peer: '192.0.2.1', protocol: 'websocket', topics: [], tags: [] };
  readonly #told: Told;

  constructor(told: Told = () => {}, openedAtMs = 0) {
    this.#told = told;
    this.openedAtMs = openedAtMs;
  }

  getSnapshot() {
    return this.state.snapshot;
  }

  /** True if the chart took a step. One that has ended takes none. */
  send(...events: ConnectionEventType[]): boolean {
    let any = false;
    for (const event of events) {
      const { target, taken } = stepFrom(this.state, event);
      if (!taken || this.state.phase === 'closed') continue;
      const from = this.state;
      this.state = target;
      this.#told(this, from, target, event);
      any = true;
    }
    return any;
  }
}

const alive = (sessionId: string): InspectedActor => ({
  sessionId,
  getSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
});

export const supervisor = alive('supervisor');
export const listener = alive('listener:1');

/** Players are children of the listener, which is the supervisor's. */
export const directory: ActorDirectory = {
  parentOf: (actor) => (actor instanceof Player ? listener : actor === listener ? supervisor : null),
  machineOf: (actor) => (actor instanceof Player ? connectionMachine : null),
  factsOf: (actor) => (actor as Player).facts,
};

/** Any event of the chart. */
export const anyEvent = fc.constantFrom(...(connectionMachine.events as readonly ConnectionEventType[]));
