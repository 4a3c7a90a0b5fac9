import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/client/outbox.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Sends everything there is; answers the ids. */
function sendAll(outbox: Outbox): number[] {
  const ids: number[] = [];
  for (let message = outbox.peek(); message !== null; message = outbox.peek()) {
    ids.push(message.id);
    outbox.sent();
  }
  return ids;
}

describe('an outbox', () => {
  it('gives messages out in order, and forgets what is confirmed', () => {
    const outbox = new Outbox();
    for (const text of ['a', 'bb', 'ccc']) outbox.add(bytes(text));
    expect(sendAll(outbox)).toEqual([1, 2, 3]);
    outbox.confirmUpTo(2);
    expect([outbox.size, outbox.heldBytes, outbox.confirmedMessages, outbox.confirmedBytes]).toEqual([1, 3, 2, 3]);
    outbox.rewind();
    expect(sendAll(outbox)).toEqual([3]);
  });

  it('is full at either limit, and has room again after a confirmation', () => {
    const outbox = new Outbox({ maxMessages: 2, maxBytes: 10 });
    outbox.add(bytes('a'));
    expect(outbox.isFull).toBe(false);
    outbox.add(bytes('b'));
    expect(outbox.isFull).toBe(true);
    sendAll(outbox);
    outbox.confirm(1);
    expect(outbox.isFull).toBe(false);
    outbox.confirm(2);
    outbox.add(bytes('longer than ten'));
    expect(outbox.isFull).toBe(true);
  });

  it('sends one message again that did not arrive, and not those around it', () => {
    const outbox = new Outbox();
    for (const text of ['a', 'b', 'c']) outbox.add(bytes(text));
    sendAll(outbox);
    outbox.retry(2);
    expect(sendAll(outbox)).toEqual([2]);
    outbox.confirm(3);
    outbox.confirm(1);
    outbox.retry(3);
    outbox.retry(77);
    expect(sendAll(outbox)).toEqual([]);
    expect(outbox.size).toBe(1);
  });

  it('counts a confirmation once, whoever repeats it', () => {
    const outbox = new Outbox();
    outbox.add(bytes('abc'));
    sendAll(outbox);
    for (const id of [1, 1, 0, 9]) outbox.confirm(id);
    outbox.confirmUpTo(5);
    expect([outbox.size, outbox.confirmedMessages, outbox.confirmedBytes, outbox.heldBytes]).toEqual([0, 1, 3, 0]);
  });

  it('does what a plain list of messages would', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('add' as const), length: fc.nat(5) }),
      fc.record({ do: fc.constant('send' as const) }),
      fc.record({ do: fc.constant('rewind' as const) }),
      fc.record({ do: fc.constantFrom('confirm' as const, 'confirmUpTo' as const, 'retry' as const), id: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const outbox = new Outbox({ maxMessages: 4, maxBytes: 1000 });
        const model: { id: number; length: number; state: 'waiting' | 'sent' | 'confirmed' }[] = [];
        for (const one of actions) {
          if (one.do === 'add') {
            model.push({ id: model.length + 1, length: one.length, state: 'waiting' });
            outbox.add(new Uint8Array(one.length));
          } else if (one.do === 'send') {
            const next = model.find(({ state }) => state === 'waiting');
            expect(outbox.peek()?.id).toBe(next?.id);
            if (next === undefined) continue;
            next.state = 'sent';
            outbox.sent();
          } else if (one.do === 'rewind') {
            for (const message of model) if (message.state === 'sent') message.state = 'waiting';
            outbox.rewind();
          } else {
            const hit = model.filter(({ id, state }) => (one.do === 'confirmUpTo' ? id <= one.id : id === one.id) && (one.do !== 'retry' || state === 'sent'));
            for (const message of hit) message.state = one.do === 'retry' ? 'waiting' : 'confirmed';
            outbox[one.do](one.id);
          }
          const held = model.filter(({ state }) => state !== 'confirmed');
          const sum = held.reduce((total, { length }) => total + length, 0);
          expect([outbox.size, outbox.heldBytes]).toEqual([held.length, sum]);
          expect(outbox.inFlight).toBe(model.filter(({ state }) => state === 'sent').length);
          expect(outbox.confirmedMessages).toBe(model.length - held.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
