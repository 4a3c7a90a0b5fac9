import { describe, expect, it } from 'vitest';
import { Input } from '../src/input.ts';
import { defaultServerLimits } from '../src/limits.ts';
import { MessageReader, Read } from '../src/message-reader.ts';
import { Kind } from '../src/start-line.ts';
import { bytesOf, textOf } from './wire.ts';

function reading(role: 'server' | 'client', text: string, maxMessageBytes = 8064): { reader: MessageReader; input: Input } {
  const input = new Input();
  const bytes = bytesOf(text);
  input.receive(bytes, 0, bytes.length);
  return { reader: new MessageReader(role, input, { ...defaultServerLimits, maxMessageBytes }), input };
}

describe('MessageReader', () => {
  it('stops behind each message, and begins the next when that was released', () => {
    const { reader, input } = reading('server', 'A\r\nSequence: 1\r\nSize: 3\r\n\r\nxyzB\r\nSequence: 2\r\nEpoch: e\r\nOffset: 7\r\n\r\n');
    expect(reader.next()).toBe(Read.Message);
    expect(input.pos).toBe(30);
    expect([reader.kind, reader.sequence, reader.hasSequence, reader.epoch, reader.startLineEnd]).toEqual([Kind.Request, '1', true, '', 1]);
    expect(textOf(reader.state.message.subarray(reader.headEnd, reader.heldBytes))).toBe('xyz');
    expect(reader.next()).toBe(Read.Message);
    expect(input.pos).toBe(30);
    reader.release();
    expect(reader.isIdle).toBe(true);
    expect(reader.next()).toBe(Read.Message);
    expect([reader.sequence, reader.offset, reader.epoch, reader.heldBytes - reader.headEnd]).toEqual(['2', 7, 'e', 0]);
    reader.release();
    expect(reader.next()).toBe(Read.NeedData);
  });

  it('keeps what there is of a message when released, and drops it when told to', () => {
    const { reader } = reading('server', 'PING\r\nSeq');
    expect(reader.next()).toBe(Read.NeedData);
    reader.release();
    expect(reader.heldBytes).toBe(9);
    reader.drop();
    expect(reader.isIdle).toBe(true);
  });

  it('reads one line of greeting as a client, and only once', () => {
    const { reader } = reading('client', 'OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
    expect([reader.next(), reader.kind, reader.hasSequence, reader.heldBytes]).toEqual([Read.Message, Kind.Ok, false, 4]);
    reader.release();
    expect([reader.next(), reader.kind, reader.sequence]).toEqual([Read.Message, Kind.Ok, '1']);
  });

  it('knows an ERR line by itself', () => {
    const { reader, input } = reading('client', 'OK\r\nERR: x\r\n');
    reader.next();
    reader.release();
    expect([reader.next(), reader.isFailureLine]).toEqual([Read.NeedData, true]);
    const more = bytesOf('S');
    input.receive(more, 0, 1);
    expect([reader.next(), reader.isFailureLine]).toEqual([Read.NeedData, false]);
  });

  it('fails with a code', () => {
    const { reader } = reading('server', 'PING\r\nSequence: 1\r\nSize: 90\r\n\r\n', 100);
    expect([reader.next(), reader.failure]).toEqual([Read.Failed, 'messageTooLarge']);
  });
});
