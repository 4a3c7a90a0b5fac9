// The life of an outbound connection, before and after the connection itself, as one XState chart.
//
//     idle ─▶ resolving ─▶ choosing ─▶ connecting ─▶ handshaking ─▶ connected ─▶ stopping ─▶ stopped
//                ▲            ▲  │          │             │             │
//                │            └──┼──────────┴─────────────┘             │
//                │               ▼  (no address is left)                │
//             waiting ◀── planning ◀────────────────────────────────────┘
//                            └──▶ stopped (given up)
//
// Like the connection's chart it is pure: no context, guards, invoked actors or delays. Where something has to be known (is an address
// left, may there be another round), a passing state asks the driver, which answers with an event at once.

import { setup } from 'xstate';

/** The deadlines an outbound connection has before it is one. */
export type ConnectorTimer = 'dnsResolve' | 'connecting' | 'handshake' | 'reconnect';

export type ConnectorEvent =
  | { type: 'START' }
  /** The name has addresses; or none were found. */
  | { type: 'RESOLVED' }
  | { type: 'RESOLVE.FAILED' }
  /** The driver's answer in `choosing`. */
  | { type: 'ADDRESS' }
  | { type: 'ADDRESSES.NONE' }
  /** There is an endpoint; or there will be none. */
  | { type: 'CONNECTED' }
  | { type: 'CONNECT.FAILED' }
  /** The session says that the greeting is complete, TLS and all. */
  | { type: 'ESTABLISHED' }
  /** The connection has closed. */
  | { type: 'LOST' }
  /** The server has said that it does not want this client: another address of it would say the same. */
  | { type: 'REFUSED' }
  /** The driver's answer in `planning`. */
  | { type: 'RETRY' }
  | { type: 'GIVE.UP' }
  /** Whoever runs this knows that it is worth trying again at once. */
  | { type: 'RETRY.NOW' }
  /** End in good order; or at once. */
  | { type: 'STOP' }
  | { type: 'ABORT' }
  | { type: `TIMEOUT.${ConnectorTimer}` };

export type ConnectorEventType = ConnectorEvent['type'];

/** What the chart asks of the driver. */
export type ConnectorAction =
  | { type: 'arm'; params: { timer: ConnectorTimer } }
  | { type: 'disarm'; params: { timer: ConnectorTimer } }
  /** Look the name up. */
  | { type: 'resolve'; params?: undefined }
  /** Take the next address, and say whether there is one. */
  | { type: 'choose'; params?: undefined }
  /** Connect to the chosen address. */
  | { type: 'connect'; params?: undefined }
  /** Make a session, and a connection of it and the endpoint. */
  | { type: 'open'; params?: undefined }
  /** The connection is established: tell whoever waits for it. */
  | { type: 'announce'; params?: undefined }
  /** What is under way took too long: give it up, and note that. */
  | { type: 'timedOut'; params?: undefined }
  /** Give what is under way up. */
  | { type: 'cancel'; params?: undefined }
  /** Say whether and when there is another round. */
  | { type: 'plan'; params?: undefined }
  /** End the connection in good order. */
  | { type: 'drain'; params?: undefined }
  /** Nothing follows. */
  | { type: 'release'; params?: undefined };

const chart = setup({
  types: { events: {} as ConnectorEvent },
  actions: {
    arm: (_, _params: { timer: ConnectorTimer }) => {},
    disarm: (_, _params: { timer: ConnectorTimer }) => {},
    resolve: () => {},
    choose: () => {},
    connect: () => {},
    open: () => {},
    announce: () => {},
    timedOut: () => {},
    cancel: () => {},
    plan: () => {},
    drain: () => {},
    release: () => {},
  },
});

const arm = (timer: ConnectorTimer) => ({ type: 'arm', params: { timer } }) as const;
const disarm = (timer: ConnectorTimer) => ({ type: 'disarm', params: { timer } }) as const;

export const connectorMachine = chart.createMachine({
  id: 'connector',
  initial: 'idle',
  on: { ABORT: { target: '.stopped', actions: ['cancel'] } },
  states: {
    idle: {
      description: 'Not asked for yet.',
      on: { START: { target: 'resolving' }, STOP: { target: 'stopped' } },
    },
    resolving: {
      description: 'The name is looked up; each round begins with it, because addresses change.',
      entry: [arm('dnsResolve'), 'resolve'],
      exit: [disarm('dnsResolve')],
      on: {
        RESOLVED: { target: 'choosing' },
        'RESOLVE.FAILED': { target: 'planning' },
        'TIMEOUT.dnsResolve': { target: 'planning', actions: ['timedOut'] },
        STOP: { target: 'stopped', actions: ['cancel'] },
      },
    },
    choosing: {
      description: 'Passing: the next address, if one is left in this round.',
      entry: ['choose'],
      on: { ADDRESS: { target: 'connecting' }, 'ADDRESSES.NONE': { target: 'planning' }, STOP: { target: 'stopped' } },
    },
    connecting: {
      description: 'The transport connects to one address.',
      entry: [arm('connecting'), 'connect'],
      exit: [disarm('connecting')],
      on: {
        CONNECTED: { target: 'handshaking' },
        'CONNECT.FAILED': { target: 'choosing' },
        'TIMEOUT.connecting': { target: 'choosing', actions: ['timedOut'] },
        STOP: { target: 'stopped', actions: ['cancel'] },
      },
    },
    handshaking: {
      description: 'A connection runs; TLS, upgrade or greeting is not complete yet.',
      entry: [arm('handshake'), 'open'],
      exit: [disarm('handshake')],
      on: {
        ESTABLISHED: { target: 'connected' },
        LOST: { target: 'choosing' },
        REFUSED: { target: 'planning' },
        'TIMEOUT.handshake': { target: 'choosing', actions: ['timedOut'] },
        STOP: { target: 'stopped', actions: ['cancel'] },
      },
    },
    connected: {
      description: "Messages flow. What happens now is the connection's chart.",
      entry: ['announce'],
      on: { LOST: { target: 'planning' }, REFUSED: { target: 'planning' }, STOP: { target: 'stopping' } },
    },
    planning: {
      description: 'Passing: whether there is another round, and when.',
      entry: ['plan'],
      on: { RETRY: { target: 'waiting' }, 'GIVE.UP': { target: 'stopped' }, STOP: { target: 'stopped' } },
    },
    waiting: {
      description: 'Nothing is open; the next round begins when its time has come.',
      entry: [arm('reconnect')],
      exit: [disarm('reconnect')],
      on: {
        'TIMEOUT.reconnect': { target: 'resolving' },
        'RETRY.NOW': { target: 'resolving' },
        STOP: { target: 'stopped' },
      },
    },
    stopping: {
      description: "The connection says its goodbye; its own `close` deadline bounds this.",
      entry: ['drain'],
      on: { LOST: { target: 'stopped' }, REFUSED: { target: 'stopped' } },
    },
    stopped: {
      description: 'Final: stopped from outside, or given up.',
      type: 'final',
      entry: ['release'],
    },
  },
});
