import { describe, expect, it } from 'vitest';
import { Progress, byteText } from '../../src/client/progress.ts';

describe('progress', () => {
  it('shows totals and the rates of the last interval, in place', () => {
    let screen = '';
    const progress = new Progress('received', (text) => (screen += text));
    progress.tick({ messages: 100, bytes: 5_000_000, reconnects: 0, state: 'connected' }, 1000);
    progress.tick({ messages: 150, bytes: 5_000_500, reconnects: 1, state: 'waiting' }, 2000);
    progress.tick({ messages: 150, bytes: 5_000_500, reconnects: 2, state: 'stopped' }, Infinity);
    expect(screen.split('\r\u001b[K')).toEqual([
      '',
      '100 received  100/s  5.0 MB/s  connected',
      '150 received  25/s  250 B/s  1 reconnect  waiting',
      '150 received  0/s  0 B/s  2 reconnects  stopped',
    ]);
  });

  it('steps aside once, and only when it is there', () => {
    let screen = '';
    const progress = new Progress('sent', (text) => (screen += text));
    progress.clear();
    expect(screen).toBe('');
    progress.tick({ messages: 1, bytes: 1, reconnects: 0, state: 'connected' }, 1000);
    screen = '';
    progress.clear();
    progress.clear();
    expect(screen).toBe('\r\u001b[K');
  });

  it('writes bytes in powers of 1000, never as 1000 of a unit', () => {
    expect([0, 999, 1000, 1234, 99_940, 99_960, 999_499, 999_500, 1e9, 5e15].map(byteText)).toEqual(['0 B', '999 B', '1.0 kB', '1.2 kB', '99.9 kB', '100 kB', '999 kB', '1.0 MB', '1.0 GB', '5000 TB']);
  });
});
