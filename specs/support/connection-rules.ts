// What nothing outside can bring about on a connection of the gateway, with the reasons. A path that is neither here nor driven fails.

import type { ChartRules } from './chart-paths.ts';

const notRead = 'nothing is read in this state: what the peer sends, its FIN too, stays in the kernel';
const notSpent = 'a rate is used up by what is read, and nothing is read in this state';
const excused = 'that nothing comes is our own doing in this state (nothing is read, or the rate is used up), and excused';
const quenchExcused = 'whoever is held up by an operator is excused; a reply in progress keeps the connection, and the mirror holds nobody up for so long';
const lastWord = 'behind the FIN of its peer a session only finishes: it asks for DRAIN in the step in which its last output is made';
const drainsAtOnce = 'whatever was throttled is the last output, so DRAIN follows in the same step';
const unnoticed = 'nothing is read and nothing may be sent in this state, so a reset is noticed when that ends';
const saysNothing = 'nothing is said in this state';

const stuck: ReadonlySet<string> = new Set(['OUTBOUND.CLEAR', 'TIMEOUT.idle', 'TRANSPORT.FAILED']);
const waysInbound: Readonly<Record<string, readonly string[]>> = {
  quenched: ['INBOUND.FULL'],
  throttled: ['INBOUND.THROTTLED'],
  quenchedThrottled: ['INBOUND.THROTTLED', 'INBOUND.FULL'],
};

export const connectionRules: ChartRules = {
  reasonAgainst(state, event) {
    const regions = /^established\(inbound\.(\w+) outbound\.(\w+)\)$/.exec(state);
    if (regions === null) {
      return event === 'OUTBOUND.THROTTLED' && (state === 'handshake' || state.endsWith('.lingering')) ? saysNothing : null;
    }
    const [, inbound = '', outbound = ''] = regions;
    const isChoked = outbound.startsWith('choked');
    const isPaused = isChoked || inbound.startsWith('quenched');
    const isHeld = inbound === 'throttled' || inbound === 'quenchedThrottled';
    if (inbound === 'ended') return reasonAfterEnd(outbound, event);
    switch (event) {
      case 'INBOUND.END':
        return isPaused || isHeld ? notRead : null;
      case 'INBOUND.THROTTLED':
        return isPaused ? notSpent : null;
      case 'TIMEOUT.handshake':
        return isPaused || isHeld ? excused : null;
      case 'TIMEOUT.idle':
        return isHeld ? excused : inbound === 'quenched' ? quenchExcused : null;
      case 'TRANSPORT.FAILED':
        return (isPaused || isHeld) && outbound === 'throttled' ? unnoticed : null;
      default:
        return null;
    }
  },

  detour(state, event) {
    // A throttle that holds output back is told to each new state: it brings its event with it.
    if (event === 'OUTBOUND.THROTTLED' && state === 'draining.finishing') return ['HANDSHAKE.DONE', 'OUTBOUND.THROTTLED', 'DRAIN'];
    if (event === 'OUTBOUND.THROTTLED' && state === 'writeAndAbort.flushing') return ['HANDSHAKE.DONE', 'OUTBOUND.THROTTLED', 'FAIL'];
    // A WebSocket stays while its peer owes it a close frame; a reply that the peer does not take is not flushed.
    if (state === 'draining.finishing') return ['HANDSHAKE.DONE', 'DRAIN'];
    // Whose FIN has come already is waited for by nobody.
    if (state === 'draining.lingering') return ['DRAIN', 'FLUSHED'];
    if (state === 'writeAndAbort.flushing' && event !== 'FLUSHED') return ['HANDSHAKE.DONE', 'OUTBOUND.FULL', 'FAIL'];
    // With the kernel's buffers full first, there is something that the peer does not take, and that may leave when it does.
    const inbound = /inbound\.(\w+) outbound\.chokedThrottled/.exec(state)?.[1];
    if (inbound !== undefined && stuck.has(event)) {
      return ['HANDSHAKE.DONE', ...(waysInbound[inbound] ?? []), 'OUTBOUND.FULL', 'OUTBOUND.THROTTLED'];
    }
    return null;
  },

  whyUnreached(state) {
    return /inbound\.ended outbound\.choked/.test(state) ? lastWord : null;
  },
};

function reasonAfterEnd(outbound: string, event: string): string | null {
  if (outbound === 'throttled') return event === 'DRAIN' ? null : drainsAtOnce;
  switch (event) {
    case 'OUTBOUND.FULL':
    case 'OUTBOUND.THROTTLED':
      return lastWord;
    case 'TIMEOUT.handshake':
      return 'a request that the FIN cuts off is an error, and there is none else to wait for';
    case 'TIMEOUT.idle':
      return 'a reply in progress keeps the connection, and without one DRAIN follows at once';
    case 'TRANSPORT.FAILED':
      return 'nothing is read any more, so a reset is noticed with the last reply, at which draining has begun';
    default:
      return null;
  }
}
