import { initialStep, stepFrom } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { stateFacts } from '../src/index.ts';

const established = stepFrom(initialStep().target, 'HANDSHAKE.DONE').target;

describe('what is known of a state', () => {
  it('names the active states from the outside in', () => {
    const { stateIds, paths } = stateFacts(established.snapshot);
    expect(stateIds).toEqual([
      'connection.established',
      'connection.established.inbound',
      'connection.established.inbound.flowing',
      'connection.established.outbound',
      'connection.established.outbound.clear',
    ]);
    expect(paths).toContain('established.outbound.clear');
  });

  it('names each possible event once, and only possible ones', () => {
    const { nextEvents } = stateFacts(established.snapshot);
    expect(new Set(nextEvents).size).toBe(nextEvents.length);
    expect(nextEvents).toContain('OUTBOUND.FULL');
    expect(nextEvents).toContain('ABORT');
    expect(nextEvents).not.toContain('OUTBOUND.CLEAR');
    expect(nextEvents).not.toContain('HANDSHAKE.DONE');
  });

  it('has the snapshot as JSON, with its tags', () => {
    const choked = stepFrom(established, 'OUTBOUND.FULL').target;
    const { json, tags } = stateFacts(choked.snapshot);
    expect(JSON.parse(json)).toMatchObject({ status: 'active', value: { established: { outbound: 'choked' } }, tags: ['paused'] });
    expect(tags).toEqual(['paused']);
  });

  it('is worked out once', () => {
    expect(stateFacts(established.snapshot)).toBe(stateFacts(established.snapshot));
  });

  it('knows that nothing can happen in the final state', () => {
    const closed = stepFrom(established, 'ABORT').target;
    expect(closed.label).toBe('closed');
    expect(JSON.parse(stateFacts(closed.snapshot).json)).toMatchObject({ status: 'done', value: 'closed' });
    expect(stateFacts(closed.snapshot).nextEvents).toEqual([]);
  });
});
