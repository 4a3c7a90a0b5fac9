import { describe, expect, it } from 'vitest';
import { ConnectionState } from '../src/state.ts';

describe('ConnectionState', () => {
  it('has nothing before it is allocated', () => {
    const state = new ConnectionState(8064);
    expect([state.bytes, state.user, state.message.length]).toEqual([0, null, 0]);
  });

  it('has three parts in three buffers', () => {
    const state = new ConnectionState(8064);
    const own = state.allocate();
    expect([own.byteLength, state.user?.length, state.message.length, state.bytes]).toEqual([64, 64, 8064, 8192]);
    expect(new Set([own.buffer, state.user?.buffer, state.message.buffer]).size).toBe(3);
  });

  it('grows by doubling, no further than the message, and shrinks to what it was', () => {
    const state = new ConnectionState(100);
    state.allocate();
    const kept = state.message;
    kept.fill(7);
    state.grow(100, 1000, 100);
    expect(state.message).toBe(kept);
    state.grow(101, 1000, 90);
    expect(state.message.length).toBe(200);
    expect([state.message[89], state.message[90]]).toEqual([7, 0]);
    state.grow(700, 1000, 200);
    expect(state.message.length).toBe(700);
    state.grow(701, 1000, 700);
    expect(state.message.length).toBe(1000);
    expect(state.bytes).toBe(64 + 64 + 100);
    state.shrink();
    expect(state.message).toBe(kept);
  });
});
