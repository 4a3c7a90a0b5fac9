// Work is linear in the bytes received, whatever the chunking. Four times the bytes take about four times as long; if something were
// scanned or copied again and again, it would be sixteen.

import { describe, expect, it } from 'vitest';
import { CommandEvent } from '../src/index.ts';
import { asking, bytesOf, server } from './wire.ts';

/** The least CPU time of some runs, in µs: a busy machine makes time pass, and no work. */
function quickest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const from = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(from);
    best = Math.min(best, user + system);
  }
  return best;
}

function expectLinear(run: (n: number) => void, n: number): void {
  run(n);
  expect(quickest(() => run(4 * n)) / quickest(() => run(n))).toBeLessThan(10);
}

describe('Work is linear', () => {
  it('for a body of single bytes', () => {
    expectLinear((n) => {
      const engine = asking(1);
      engine.receive(bytesOf(`OK\r\nOK\r\nSequence: 1\r\nSize: ${n}\r\n\r\n`));
      while (engine.next() !== CommandEvent.NeedData);
      const byte = Uint8Array.of(0x62);
      let event = 0;
      for (let i = 0; i < n; i++) {
        engine.receive(byte);
        event = engine.next();
      }
      expect(event).toBe(CommandEvent.Reply);
    }, 100_000);
  });

  it('for a head of single bytes', () => {
    expectLinear((n) => {
      const limits = { maxMessageBytes: 8064 };
      const bytes = bytesOf(`P\r\nSequence: 1\r\nX: ${'x'.repeat(n)}\r\n\r\n`);
      for (let i = 0; i < 20; i++) {
        const engine = server(limits);
        let event = 0;
        for (const byte of bytes) {
          engine.receive(Uint8Array.of(byte));
          event = engine.next();
        }
        expect(event).toBe(CommandEvent.Request);
      }
    }, 2000);
  });

  it('for words and headers, however many', () => {
    expectLinear((n) => {
      for (let i = 0; i < 20; i++) {
        const engine = server();
        engine.receive(bytesOf(`P${' a'.repeat(n)}\r\nSequence: 1\r\n${'x:\r\n'.repeat(n / 2)}\r\n`));
        expect(engine.next()).toBe(CommandEvent.Request);
        expect(engine.request.args.length).toBe(n);
        expect([...engine.request.headers()].length).toBe(n / 2 + 1);
        expect(engine.request.header('y')).toBeNull();
      }
    }, 500);
  });

  it('for bytes that are set aside piece by piece', () => {
    expectLinear((n) => {
      const engine = server();
      const bytes = bytesOf('PING\r\nSequence: 1\r\n\r\n');
      for (let i = 0; i < n; i++) {
        engine.receive(bytes);
        engine.setaside();
      }
      let requests = 0;
      while (engine.next() === CommandEvent.Request) {
        requests++;
        engine.sendReply('1');
        engine.output.consume(engine.output.length);
      }
      expect(requests).toBe(n);
    }, 10_000);
  });
});
