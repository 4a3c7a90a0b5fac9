// The life of a listener, as one XState chart: what an inspector shows of it is what runs.
//
//     starting ─▶ listening (active ⇄ quiet) ─▶ waiting ⇄ binding
//         │            │                           │         │
//         └────────────┴──────▶ stopped ◀──────────┴─────────┘
//
// Pure like the connection's chart: no context, guards, invoked actors or delays, so its steps are memoised and all listeners share its
// states. What a state does as long as it lasts is its driver's: bind in `starting` and `binding`, accept in `listening`, pause in
// `waiting`, each pause longer than the one before. The driver reports how that came out.

import { setup, type SnapshotFrom } from 'xstate';
import { StepTable, type ChartStep, type SharedState } from './step-table.ts';

/** The one deadline of a listener that its chart arms. */
export type ListenerTimer = 'listen';

export type ListenerEvent =
  /** Bound: connections are accepted from here on; or not. */
  | { type: 'BOUND' }
  | { type: 'BIND.FAILED' }
  /** A connection was accepted. Not sent by a listener that has no `listen` deadline. */
  | { type: 'ACCEPTED' }
  /** The transport has ended the listener. */
  | { type: 'DIED' }
  /** The pause is over. */
  | { type: 'RETRY' }
  /** Accept no more, for good. */
  | { type: 'STOP' }
  | { type: `TIMEOUT.${ListenerTimer}` };

export type ListenerEventType = ListenerEvent['type'];

/** What the chart asks of the driver. */
export type ListenerAction =
  | { type: 'arm'; params: { timer: ListenerTimer } }
  | { type: 'disarm'; params: { timer: ListenerTimer } }
  /** Say that nobody has come for too long. */
  | { type: 'reportQuiet'; params?: undefined }
  /** Close what is bound. */
  | { type: 'close'; params?: undefined };

const chart = setup({
  types: { events: {} as ListenerEvent },
  actions: {
    arm: (_, _params: { timer: ListenerTimer }) => {},
    disarm: (_, _params: { timer: ListenerTimer }) => {},
    reportQuiet: () => {},
    close: () => {},
  },
});

const armListen = { type: 'arm', params: { timer: 'listen' } } as const;
const disarmListen = { type: 'disarm', params: { timer: 'listen' } } as const;

export const listenerMachine = chart.createMachine({
  id: 'listener',
  initial: 'starting',
  states: {
    starting: {
      description: 'The first bind. When it fails, so does whoever starts: nobody is left to wait.',
      on: { BOUND: { target: 'listening' }, 'BIND.FAILED': { target: 'stopped' }, STOP: { target: 'stopped' } },
    },
    listening: {
      description: 'Connections are accepted.',
      initial: 'active',
      exit: [disarmListen],
      on: { DIED: { target: 'waiting' }, STOP: { target: 'stopped', actions: ['close'] } },
      states: {
        active: {
          description: 'Somebody came lately, or the deadline has not passed yet.',
          entry: [armListen],
          on: { ACCEPTED: { actions: [armListen] }, 'TIMEOUT.listen': { target: 'quiet', actions: ['reportQuiet'] } },
        },
        quiet: {
          description: 'Nobody has come for too long: told once, until somebody comes.',
          on: { ACCEPTED: { target: 'active' } },
        },
      },
    },
    waiting: {
      description: 'It died, or could not be bound again: a pause with backoff.',
      on: { RETRY: { target: 'binding' }, STOP: { target: 'stopped' } },
    },
    binding: {
      description: 'Bound again, to the same port. Connections of before live on.',
      on: { BOUND: { target: 'listening' }, 'BIND.FAILED': { target: 'waiting' }, STOP: { target: 'stopped' } },
    },
    stopped: { description: 'Final: stopped from outside, or never begun.', type: 'final' },
  },
});

export type ListenerSnapshot = SnapshotFrom<typeof listenerMachine>;

export type ListenerPhase = 'starting' | 'listening' | 'waiting' | 'binding' | 'stopped';

/** One state of the chart, shared by every listener that is in it. */
export interface ListenerState extends SharedState<ListenerSnapshot, ListenerEventType, ListenerStep> {
  readonly phase: ListenerPhase;
}

export interface ListenerStep extends ChartStep<ListenerState, ListenerAction> {}

export const listenerSteps = new StepTable<typeof listenerMachine, ListenerEventType, ListenerAction, ListenerState>(
  listenerMachine,
  (shared) => {
    const { value } = shared.snapshot;
    return { ...shared, phase: typeof value === 'string' ? value : 'listening' };
  },
);
