// The life of a connection, as one XState chart. This is the only place where lifecycle is decided: the driver reports
// what happened (events), the chart says what to do about it (actions), and the inspector draws this very machine.
//
//     handshake ─▶ established ─▶ draining ─▶ closed
//         │             │            │
//         └─────────────┴────────────┴──▶ writeAndAbort ─▶ closed
//
// The chart is pure: no context, no guards, no invoked actors, no timers. So a (state, event) pair always gives the same
// (state, actions), all connections share its states, and a step is a table look-up (see steps.ts).

import type { DeadlineName } from '@sluice/timing';
import { setup } from 'xstate';
import type { CloseReason } from './reasons.ts';

/** The ten deadlines a connection may have; each fires `TIMEOUT.<name>` into the chart. */
export type TimerName = DeadlineName;

/** Lifecycle events. None is sent per message. */
export type ConnectionEvent =
  /** The protocol's greeting is complete: the first request head, or the upgrade. */
  | { type: 'HANDSHAKE.DONE' }
  /** Our side holds as many unread bytes as it may, or an operator holds the peer up; or has room again, or lets it go on. */
  | { type: 'INBOUND.FULL' }
  | { type: 'INBOUND.SPACE' }
  /** The inbound rate is used up until `TIMEOUT.throttleIn`. */
  | { type: 'INBOUND.THROTTLED' }
  /** FIN from the peer; on an encrypted connection its goodbye. */
  | { type: 'INBOUND.END' }
  /** The peer takes its output too slowly; or has caught up. */
  | { type: 'OUTBOUND.FULL' }
  | { type: 'OUTBOUND.CLEAR' }
  /** The outbound rate is used up until `TIMEOUT.throttleOut`, and there is more to send. */
  | { type: 'OUTBOUND.THROTTLED' }
  /** Finish what is in progress, say goodbye, close. */
  | { type: 'DRAIN' }
  /** An error for the peer is queued (or nothing can be said): discard inbound, flush, close. */
  | { type: 'FAIL' }
  /** The session has nothing left to do and all output has been handed to the transport. */
  | { type: 'FLUSHED' }
  /** Close at once, without a word. */
  | { type: 'ABORT' }
  /** The transport is gone, in order or with an error. */
  | { type: 'TRANSPORT.CLOSED' }
  | { type: 'TRANSPORT.FAILED' }
  | { type: `TIMEOUT.${TimerName}` };

export type ConnectionEventType = ConnectionEvent['type'];

/** What the chart asks of the driver. */
export type ConnectionAction =
  | { type: 'arm'; params: { timer: TimerName } }
  | { type: 'disarm'; params: { timer: TimerName } }
  /** Tell the session to finish and to say its protocol's goodbye. */
  | { type: 'goodbye'; params?: undefined }
  /** Tell the session to queue the answer its peer is owed for this reason. */
  | { type: 'refuse'; params: { reason: CloseReason } }
  /** Tell the session that the peer has sent FIN. */
  | { type: 'tellEnd'; params?: undefined }
  /** Report `FLUSHED` as soon as it holds. */
  | { type: 'watchFlush'; params?: undefined }
  /** FIN after everything queued. */
  | { type: 'shutdown'; params?: undefined }
  | { type: 'closeTransport'; params?: undefined }
  | { type: 'abortTransport'; params?: undefined }
  | { type: 'reason'; params: { reason: CloseReason } }
  /** Release everything this connection holds. */
  | { type: 'release'; params?: undefined };

/**
 * What a state says about reading. `paused`: the transport is not read, and what was read already waits. `discarding`: what is read
 * is dropped, so that the peer gets our text and FIN, never RST. With neither, bytes go to the session. A throttled direction has no
 * tag: what it has let through is handled, and the driver knows until when nothing more may pass.
 */
export type ConnectionTag = 'paused' | 'discarding';

const chart = setup({
  types: { events: {} as ConnectionEvent, tags: {} as ConnectionTag },
  actions: {
    arm: (_, _params: { timer: TimerName }) => {},
    disarm: (_, _params: { timer: TimerName }) => {},
    goodbye: () => {},
    refuse: (_, _params: { reason: CloseReason }) => {},
    tellEnd: () => {},
    watchFlush: () => {},
    shutdown: () => {},
    closeTransport: () => {},
    abortTransport: () => {},
    reason: (_, _params: { reason: CloseReason }) => {},
    release: () => {},
  },
});

const arm = (timer: TimerName) => ({ type: 'arm', params: { timer } }) as const;
const disarm = (timer: TimerName) => ({ type: 'disarm', params: { timer } }) as const;
const reason = (reason: CloseReason) => ({ type: 'reason', params: { reason } }) as const;
const refuse = (reason: CloseReason) => ({ type: 'refuse', params: { reason } }) as const;

/** Outside of `established` a throttle is its deadline and nothing else: closing does not get around it. */
const throttles = {
  'INBOUND.THROTTLED': { actions: [arm('throttleIn')] },
  'OUTBOUND.THROTTLED': { actions: [arm('throttleOut')] },
} as const;
const disarmThrottles = [disarm('throttleIn'), disarm('throttleOut')] as const;

export const connectionMachine = chart.createMachine({
  id: 'connection',
  initial: 'handshake',
  // Whatever the state: a transport that is gone ends the connection, and an abort needs nobody's leave.
  on: {
    'TRANSPORT.CLOSED': { target: '.closed', actions: [reason('peerClosed')] },
    'TRANSPORT.FAILED': { target: '.closed', actions: [reason('transportError')] },
    ABORT: { target: '.closed', actions: [reason('aborted'), 'abortTransport'] },
  },
  states: {
    handshake: {
      description: 'The peer is being greeted, TLS included: nothing of the application has been looked at yet.',
      entry: [arm('handshake'), arm('sustain')],
      exit: [disarm('handshake'), ...disarmThrottles],
      on: {
        ...throttles,
        'HANDSHAKE.DONE': { target: 'established' },
        'INBOUND.END': { target: 'draining', actions: ['tellEnd', reason('peerClosed')] },
        'TIMEOUT.handshake': { target: 'writeAndAbort', actions: [refuse('handshakeTimeout')] },
        'TIMEOUT.sustain': { target: 'draining', actions: [reason('sustainTimeout')] },
        DRAIN: { target: 'draining', actions: [reason('drained')] },
        FAIL: { target: 'writeAndAbort' },
      },
    },
    established: {
      description: 'Messages flow. Each direction is a region of its own.',
      type: 'parallel',
      entry: [arm('idle')],
      exit: [disarm('idle')],
      on: {
        'TIMEOUT.idle': { target: 'draining', actions: [reason('idleTimeout')] },
        'TIMEOUT.sustain': { target: 'draining', actions: [reason('sustainTimeout')] },
        // A later request of the same connection that does not become complete in time.
        'TIMEOUT.handshake': { target: 'writeAndAbort', actions: [refuse('handshakeTimeout')] },
        DRAIN: { target: 'draining', actions: [reason('drained')] },
        FAIL: { target: 'writeAndAbort' },
      },
      states: {
        inbound: {
          initial: 'flowing',
          states: {
            flowing: {
              description: 'Bytes are read as they come.',
              on: {
                'INBOUND.FULL': { target: 'quenched' },
                'INBOUND.THROTTLED': { target: 'throttled' },
                'INBOUND.END': { target: 'ended' },
              },
            },
            quenched: {
              description: 'Our window is full, or an operator holds the peer up: nothing is read until there is room, or they let it go on.',
              tags: ['paused'],
              on: {
                'INBOUND.SPACE': { target: 'flowing' },
                'INBOUND.THROTTLED': { target: 'quenchedThrottled' },
                'INBOUND.END': { target: 'ended' },
              },
            },
            throttled: {
              description: 'The rate is used up: nothing is read until the throttle wakes.',
              entry: [arm('throttleIn')],
              exit: [disarm('throttleIn')],
              on: {
                'TIMEOUT.throttleIn': { target: 'flowing' },
                'INBOUND.FULL': { target: 'quenchedThrottled' },
                'INBOUND.END': { target: 'ended' },
              },
            },
            quenchedThrottled: {
              description: 'Both: the window is full, and the rate is used up. Each ends by itself.',
              tags: ['paused'],
              entry: [arm('throttleIn')],
              exit: [disarm('throttleIn')],
              on: {
                'TIMEOUT.throttleIn': { target: 'quenched' },
                'INBOUND.SPACE': { target: 'throttled' },
                'INBOUND.END': { target: 'ended' },
              },
            },
            ended: {
              description: 'The peer has sent FIN; what it asked for before may still be answered.',
              entry: ['tellEnd'],
            },
          },
        },
        outbound: {
          initial: 'clear',
          states: {
            clear: {
              description: 'Output leaves as it is made.',
              on: { 'OUTBOUND.FULL': { target: 'choked' }, 'OUTBOUND.THROTTLED': { target: 'throttled' } },
            },
            choked: {
              description: 'The outbound window is full: reading is off at once, and frames already parsed wait.',
              tags: ['paused'],
              on: { 'OUTBOUND.CLEAR': { target: 'clear' }, 'OUTBOUND.THROTTLED': { target: 'chokedThrottled' } },
            },
            throttled: {
              description: 'The rate is used up: output waits until the throttle wakes. Reading goes on while the window has room.',
              entry: [arm('throttleOut')],
              exit: [disarm('throttleOut')],
              on: { 'TIMEOUT.throttleOut': { target: 'clear' }, 'OUTBOUND.FULL': { target: 'chokedThrottled' } },
            },
            chokedThrottled: {
              description: 'Both: the rate is used up, and what waits for it fills the window.',
              tags: ['paused'],
              entry: [arm('throttleOut')],
              exit: [disarm('throttleOut')],
              on: { 'TIMEOUT.throttleOut': { target: 'choked' }, 'OUTBOUND.CLEAR': { target: 'throttled' } },
            },
          },
        },
      },
    },
    draining: {
      description: 'Nothing new is begun; what is in progress finishes, a goodbye is said, then FIN.',
      entry: [arm('close'), disarm('handshake')],
      exit: [disarm('close'), ...disarmThrottles],
      initial: 'finishing',
      on: {
        ...throttles,
        'TIMEOUT.close': { target: 'closed', actions: ['abortTransport'] },
        FAIL: { target: 'writeAndAbort' },
      },
      states: {
        finishing: {
          description: 'The session finishes; the peer is still listened to (its replies to our goodbye).',
          entry: ['goodbye', 'watchFlush'],
          on: { FLUSHED: { target: 'lingering' }, 'INBOUND.END': { actions: ['tellEnd'] } },
        },
        lingering: {
          description: 'FIN is sent; whatever the peer still sends is read and dropped until its own FIN.',
          tags: ['discarding'],
          entry: ['shutdown'],
          on: { 'INBOUND.END': { target: '#connection.closed', actions: ['closeTransport'] } },
        },
      },
    },
    writeAndAbort: {
      description: 'An error for the peer is queued: inbound is discarded, the text is flushed and confirmed, then FIN.',
      entry: [arm('close'), disarm('handshake')],
      exit: [disarm('close'), ...disarmThrottles],
      initial: 'flushing',
      on: { ...throttles, 'TIMEOUT.close': { target: 'closed', actions: ['abortTransport'] } },
      states: {
        flushing: {
          tags: ['discarding'],
          entry: ['watchFlush'],
          on: { FLUSHED: { target: 'lingering' } },
        },
        lingering: {
          description: 'The text is with the kernel; reading on keeps an RST from overtaking it.',
          tags: ['discarding'],
          entry: ['shutdown'],
          on: { 'INBOUND.END': { target: '#connection.closed', actions: ['closeTransport'] } },
        },
      },
    },
    closed: {
      description: 'Final. The reason is the first one noted.',
      type: 'final',
      tags: ['paused'],
      entry: [disarm('sustain'), 'release'],
    },
  },
});
