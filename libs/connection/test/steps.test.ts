import { describe, expect, it } from 'vitest';
import { initialStep, stepFrom, type ConnectionEventType } from '../src/index.ts';

function walk(...types: ConnectionEventType[]) {
  return types.reduce((step, type) => stepFrom(step.target, type), initialStep());
}

describe('memoised steps', () => {
  it('answers the same object for the same state and event', () => {
    expect(walk('HANDSHAKE.DONE')).toBe(walk('HANDSHAKE.DONE'));
    expect(initialStep()).toBe(initialStep());
  });

  it('shares one state among all ways that lead to it', () => {
    const there = walk('HANDSHAKE.DONE').target;
    expect(walk('HANDSHAKE.DONE', 'OUTBOUND.FULL', 'OUTBOUND.CLEAR').target).toBe(there);
    expect(walk('HANDSHAKE.DONE', 'INBOUND.FULL', 'OUTBOUND.FULL', 'INBOUND.SPACE', 'OUTBOUND.CLEAR').target).toBe(there);
  });

  it('says that an event the chart does not know in a state was not taken', () => {
    const step = walk('OUTBOUND.CLEAR');
    expect(step.taken).toBe(false);
    expect(step.actions).toEqual([]);
    expect(step.target).toBe(initialStep().target);
  });

  it('is paused in quenched, choked and closed, and nowhere else', () => {
    expect(walk().target.paused).toBe(false);
    expect(walk('HANDSHAKE.DONE').target.paused).toBe(false);
    expect(walk('HANDSHAKE.DONE', 'INBOUND.FULL').target.paused).toBe(true);
    expect(walk('HANDSHAKE.DONE', 'INBOUND.THROTTLED').target.paused).toBe(false);
    expect(walk('HANDSHAKE.DONE', 'INBOUND.THROTTLED', 'INBOUND.FULL').target.paused).toBe(true);
    expect(walk('HANDSHAKE.DONE', 'OUTBOUND.FULL').target.paused).toBe(true);
    expect(walk('HANDSHAKE.DONE', 'OUTBOUND.THROTTLED').target.paused).toBe(false);
    expect(walk('HANDSHAKE.DONE', 'OUTBOUND.THROTTLED', 'OUTBOUND.FULL').target.paused).toBe(true);
    expect(walk('HANDSHAKE.DONE', 'OUTBOUND.FULL', 'DRAIN').target.paused).toBe(false);
    expect(walk('ABORT').target.paused).toBe(true);
  });

  it('discards inbound bytes once an error is queued, and while it waits for FIN', () => {
    expect(walk('FAIL').target).toMatchObject({ label: 'writeAndAbort.flushing', discarding: true });
    expect(walk('DRAIN').target).toMatchObject({ label: 'draining.finishing', discarding: false });
    expect(walk('DRAIN', 'FLUSHED').target).toMatchObject({ label: 'draining.lingering', discarding: true });
  });

  it('gives the actions with their parameters', () => {
    expect(walk('TIMEOUT.handshake').actions).toContainEqual({ type: 'refuse', params: { reason: 'handshakeTimeout' } });
    expect(walk('HANDSHAKE.DONE').actions).toContainEqual({ type: 'arm', params: { timer: 'idle' } });
  });
});
