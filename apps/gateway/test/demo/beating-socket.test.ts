import type { WebSocketSession } from '@sluice/connection';
import { expect, it } from 'vitest';
import { Beat } from '../../src/demo/beat.ts';
import { BeatingSocket } from '../../src/demo/beating-socket.ts';

class CountingSocket extends BeatingSocket {
  beats = 0;

  beat(): void {
    if (++this.beats === 3) this.leaveBeat();
  }

  onMessage(): boolean {
    return true;
  }
}

it('beats from its opening to its close, or until it has nothing more to do', () => {
  let tick: (() => void) | null = null;
  const beat = new Beat((_intervalMs, callback) => {
    tick = callback;
    return () => (tick = null);
  }, 50);
  const socket = {} as WebSocketSession;
  const [closing, finishing] = [new CountingSocket(beat), new CountingSocket(beat)];
  for (const each of [closing, finishing]) {
    each.onOpen(socket);
    expect(each.socket).toBe(socket);
  }
  tick!();
  closing.onClose();
  for (let i = 0; i < 2; i++) tick!();
  expect([closing.beats, finishing.beats]).toEqual([1, 3]);
  expect(tick, 'nobody is left').toBeNull();
});
