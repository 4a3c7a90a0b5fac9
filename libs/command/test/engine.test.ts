import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Brigade, streamBucket } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { CommandEngine, CommandEvent, UsageError } from '../src/index.ts';
import { asking, bytesOf, client, drive, pool, server, takeOutput } from './wire.ts';

const ping = bytesOf('PING\r\nSequence: 1\r\n\r\n');

describe('CommandEngine', () => {
  it('needs data, again and again, when there is none', () => {
    const engine = server();
    expect([engine.next(), engine.next()]).toEqual([CommandEvent.NeedData, CommandEvent.NeedData]);
  });

  it('takes a part of a buffer', () => {
    const engine = server();
    engine.receive(bytesOf('xxPING\r\nSequence: 1\r\n\r\nyy'), 2, 23);
    expect(engine.next()).toBe(CommandEvent.Request);
    engine.sendReply('1');
    expect([engine.next(), engine.heldBytes]).toEqual([CommandEvent.NeedData, 0]);
  });

  it('lends a body until the following next()', () => {
    const engine = server();
    engine.receive(bytesOf('P\r\nSequence: 1\r\nSize: 2\r\n\r\nab'));
    engine.next();
    expect(engine.dataEnd - engine.dataStart).toBe(2);
    engine.next();
    expect([engine.data.length, engine.dataStart, engine.dataEnd, engine.heldBytes]).toEqual([0, 0, 0, 0]);
  });

  it('says what it holds', () => {
    const engine = server();
    drive(engine, [bytesOf('PING\r\nSeq')]);
    expect(engine.heldBytes).toBe(9);
    engine.receive(bytesOf('uence: 1\r\n\r\nPI'));
    engine.setaside();
    expect(engine.heldBytes).toBe(9 + 14);
    engine.next();
    expect(engine.heldBytes).toBe(9 + 12 + 2);
    engine.sendReply('1');
    engine.next();
    expect(engine.heldBytes).toBe(2);
  });

  it('holds nothing once it is over', () => {
    for (const end of [(engine: CommandEngine) => engine.refuse('x'), (engine: CommandEngine) => engine.close(), (engine: CommandEngine) => engine.receiveEnd()]) {
      const engine = server();
      drive(engine, [bytesOf('PING\r\nSeq')]);
      end(engine);
      expect(engine.next()).toBeGreaterThanOrEqual(CommandEvent.Closed);
      engine.receive(ping);
      engine.setaside();
      expect(engine.heldBytes).toBe(0);
    }
  });

  it('keeps no hold of the buffer it was lent', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const engine = server();
    const lend = (): WeakRef<Uint8Array> => {
      const lent = ping.slice();
      drive(engine, [lent]);
      engine.receive(lent, 0, 7);
      expect(engine.next()).toBe(CommandEvent.NeedData);
      return new WeakRef(lent);
    };
    const lent = lend();
    // What a WeakRef was just made for stays until the current job is over.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(lent.deref()).toBeUndefined();
    expect(engine.heldBytes).toBe(7);
  });

  it('keeps to its role', () => {
    const [one, other] = [server(), client()];
    for (const wrong of [
      () => one.reply,
      () => one.publication,
      () => one.sendRequest('PING'),
      () => other.request,
      () => other.sendGreeting(),
      () => other.sendReply('1'),
      () => other.sendFailure('1', 'x'),
      () => other.sendReplyBrigade('1', new Brigade(pool)),
      () => other.refuse('x'),
    ]) {
      expect(wrong).toThrow(UsageError);
    }
    expect([one.output.length, other.output.length]).toEqual([0, 0]);
  });

  it('sends nothing before the greeting', () => {
    const engine = new CommandEngine({ role: 'server', pool });
    expect(engine.isOpen).toBe(false);
    expect(() => engine.sendReply('1')).toThrow(UsageError);
    expect(engine.output.length).toBe(0);
  });

  it('writes nothing when a call is wrong, and the request can still be answered', () => {
    const engine = server();
    drive(engine, [ping], false, () => {});
    const stream = new Brigade(pool);
    stream.append(streamBucket({ read: () => 'wouldBlock', onReadable: () => {}, close: () => {} } as never));
    for (const wrong of [
      () => engine.sendFailure('1', 'a\r\nSequence: 2'),
      () => engine.sendFailure('1', 'x'.repeat(9000)),
      () => engine.sendReply('2'),
      () => engine.sendReply('1', ping, 5, 4),
      () => engine.sendReply('1', ping, 0, ping.length + 1),
      () => engine.sendFailure('1', 'x', ping, -1),
      () => engine.sendReplyBrigade('1', stream),
      () => engine.refuse('a\nb'),
    ]) {
      expect(wrong).toThrow(UsageError);
      expect(engine.output.length).toBe(0);
    }
    engine.sendFailure('1', '');
    expect(takeOutput(engine)).toBe('ERR: \r\nSequence: 1\r\nSize: 0\r\n\r\n');
  });

  it('numbers its requests, and does not count one that was refused', () => {
    const engine = client();
    expect(engine.sendRequest('ECHO', ['a', 'b'])).toBe('1');
    expect(() => engine.sendRequest('ECHO', ['a b'])).toThrow(UsageError);
    expect(() => engine.sendRequest('ECHO', [], [], ping, 0, 99)).toThrow(UsageError);
    expect(engine.sendRequest('PUBLISH', ['t'], ['X', 'y'], bytesOf('xhellox'), 1, 6)).toBe('2');
    expect(engine.inFlight).toBe(2);
    expect(takeOutput(engine)).toBe('ECHO a b\r\nSequence: 1\r\n\r\nPUBLISH t\r\nX: y\r\nSequence: 2\r\nSize: 5\r\n\r\nhello');
  });

  it('is over for a client that was refused: requests in flight with it', () => {
    const engine = asking(2);
    drive(engine, [bytesOf('OK\r\nERR: no\r\nSize: 0\r\n\r\n')]);
    expect([engine.refusal, engine.inFlight, engine.isOpen]).toEqual(['no', 0, false]);
    expect(() => engine.sendRequest('PING')).toThrow(UsageError);
    engine.receive(ping);
    expect(engine.next()).toBe(CommandEvent.Closed);
  });

  it('closes before its greeting without one', () => {
    const engine = new CommandEngine({ role: 'server', pool });
    engine.receive(ping);
    engine.close();
    expect(engine.next()).toBe(CommandEvent.Closed);
    expect(engine.output.length).toBe(0);
  });

  it('sends a client no answer when it fails', () => {
    const engine = asking(1);
    drive(engine, [bytesOf('OK\r\nwhat?\r\n')]);
    expect(engine.failure).toMatchObject({ code: 'invalidReply', fault: 'peer' });
    expect(engine.output.length).toBe(0);
  });

  it('checks its limits', () => {
    for (const limits of [{ maxMessageBytes: 15 }, { maxMessageBytes: 2 ** 31 }, { maxMessageBytes: 100.5 }, { maxInFlight: 0 }]) {
      expect(() => server(limits)).toThrow(UsageError);
    }
  });
});
