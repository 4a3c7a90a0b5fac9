import { describe, expect, it } from 'vitest';
import { CommandClient, CommandEngine, CommandEvent, encodeSharedMessage, type CommandEnd, type ReplyHead } from '../src/index.ts';
import { bytesOf, pool, singly, textOf } from './wire.ts';

/** A client and what it was told. */
function listening() {
  const told: string[] = [];
  let end: CommandEnd | null = null;
  const client = new CommandClient(
    { pool },
    {
      onGreeting: () => void told.push('greeting'),
      onPublication: ({ topic, offset }, bytes, start, stop) => void told.push(`${topic} ${offset} ${textOf(bytes.subarray(start, stop))}`),
      onGap: (gap) => void told.push(`gap ${gap.topic} ${gap.header('reason')}`),
      onEnd: (one) => {
        told.push(`end ${one.kind}`);
        end = one;
      },
    },
  );
  const answer = (name: string) => (reply: ReplyHead | null, bytes: Uint8Array, start: number, stop: number) =>
    void told.push(reply === null ? `${name}: none` : `${name}: ${reply.ok ? 'OK' : reply.text} ${textOf(bytes.subarray(start, stop))}`);
  return { client, told, answer, end: () => end };
}

function sent(client: CommandClient): string {
  const text = textOf(client.output.flatten());
  client.output.consume(client.output.length);
  return text;
}

describe('Requests of a client', () => {
  it('leave with headers and a body, and need not wait for the greeting', () => {
    const { client, answer } = listening();
    expect(client.request('PUBLISH', ['news'], answer('publish'), { headers: ['X', 'y'], body: bytesOf('hello') })).toBe('1');
    expect(sent(client)).toBe('PUBLISH news\r\nX: y\r\nSequence: 1\r\nSize: 5\r\n\r\nhello');
    expect(client.waiting).toBe(1);
  });

  it('get each its own reply, whatever the order and the cuts', () => {
    for (const cut of [(bytes: Uint8Array) => [bytes], singly]) {
      const { client, told, answer } = listening();
      client.request('A', [], answer('a'));
      client.request('B', [], answer('b'));
      const bytes = bytesOf('OK\r\nERR: no\r\nSequence: 2\r\nSize: 1\r\n\r\n!MSG t\r\nOffset: 7\r\nSize: 2\r\n\r\nhiOK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
      for (const piece of cut(bytes)) {
        client.receive(piece);
        piece.fill(0x58);
      }
      expect(told).toEqual(['greeting', 'b: no !', 't 7 hi', 'a: OK ']);
    }
  });

  it('may be made from inside a callback', () => {
    const { client, told, answer } = listening();
    client.request('A', [], () => client.request('B', [], answer('b')));
    client.receive(bytesOf('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\nOK\r\nSequence: 2\r\nSize: 0\r\n\r\n'));
    expect(told).toEqual(['greeting', 'b: OK ']);
  });

  it('that cannot be sent are not waited for', () => {
    const { client, answer } = listening();
    expect(() => client.request('A B', [], answer('a'))).toThrow(/space/);
    expect([client.waiting, sent(client)]).toEqual([0, '']);
  });

  it('go on behind a callback that throws', () => {
    const { client, told, answer } = listening();
    client.request('A', [], () => {
      throw new Error('mine');
    });
    client.request('B', [], answer('b'));
    const bytes = bytesOf('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\nOK\r\nSequence: 2\r\nSize: 1\r\n\r\n');
    expect(() => client.receive(bytes)).toThrow('mine');
    bytes.fill(0x58);
    client.receive(bytesOf('!'));
    expect(told).toEqual(['greeting', 'b: OK !']);
  });
});

describe('The end of a client', () => {
  it('by goodbye: what has no reply was not begun', () => {
    const { client, told, answer, end } = listening();
    client.request('A', [], answer('a'));
    client.request('B', [], answer('b'));
    client.receive(bytesOf('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\nBYE: stopping\r\nRetry-After-Ms: 250\r\nSize: 0\r\n\r\nwhatever'));
    expect(told).toEqual(['greeting', 'a: OK ', 'b: none', 'end goodbye']);
    expect(end()).toEqual({ kind: 'goodbye', text: 'stopping', retryAfterMs: 250 });
    expect(client.isOpen).toBe(false);
    expect(() => client.request('C', [], answer('c'))).toThrow(/nothing can be sent/);
    client.receiveEnd();
    expect(told).toHaveLength(4);
  });

  it.each([
    ['ERR: Certificate expired\r\n', { kind: 'refused', text: 'Certificate expired' }],
    ['OK\r\nERR: too slow\r\nSize: 0\r\n\r\n', { kind: 'refused', text: 'too slow' }],
    ['OK\r\nBYE: x\r\nSize: 0\r\n\r\n', { kind: 'goodbye', text: 'x', retryAfterMs: -1 }],
    ['OK\r\nBYE: x\r\nRetry-After-Ms: soon\r\n\r\n', { kind: 'goodbye', text: 'x', retryAfterMs: -1 }],
    ['HTTP/1.1 400\r\n', { kind: 'failed', failure: { code: 'invalidGreeting' } }],
    ['OK\r\n', { kind: 'failed', failure: { code: 'missingReply' } }],
  ])('by %j', (text, expected) => {
    const { client, told, answer, end } = listening();
    client.request('A', [], answer('a'));
    client.receive(bytesOf(text));
    client.receiveEnd();
    expect(end()).toMatchObject(expected);
    expect(told.slice(-2)).toEqual(['a: none', `end ${expected.kind}`]);
  });

  it('by close() comes behind the replies that are due', () => {
    const { client, told, answer } = listening();
    client.request('A', [], answer('a'));
    client.receive(bytesOf('OK\r\n'));
    client.close();
    expect(told).toEqual(['greeting']);
    client.receive(bytesOf('OK\r\nSequence: 1\r\nSize: 0\r\n\r\n'));
    expect(told).toEqual(['greeting', 'a: OK ', 'end closed']);
  });

  it('may be begun from inside a callback, whose bytes stay what they are until it returns', () => {
    const { client, told, answer } = listening();
    client.request('A', [], (_reply, bytes, start, end) => {
      client.close();
      told.push(`a: ${textOf(bytes.subarray(start, end))}`);
    });
    client.request('B', [], answer('b'));
    client.receive(bytesOf('OK\r\nOK\r\nSequence: 1\r\nSize: 5\r\n\r\nfirstOK\r\nSequence: 2\r\nSize: 6\r\n\r\nsecond'));
    expect(told).toEqual(['greeting', 'a: first', 'b: OK second', 'end closed']);
  });

  it('by a lost connection tells everybody, once, also behind one that throws', () => {
    const { client, told, answer } = listening();
    client.request('A', [], () => {
      throw new Error('mine');
    });
    client.request('B', [], answer('b'));
    expect(() => client.abandon()).toThrow('mine');
    client.abandon();
    expect(told).toEqual(['b: none', 'end closed']);
  });
});

it('A client and a server understand one another', () => {
  const { client, told, answer } = listening();
  const server = new CommandEngine({ role: 'server', pool });
  server.sendGreeting();
  client.request('ECHO', ['hello', 'ü'], answer('echo'));
  server.receive(bytesOf(sent(client)));
  expect(server.next()).toBe(CommandEvent.Request);
  server.sendReply(server.request.sequence, bytesOf(server.request.args.join(' ')));
  expect(server.next()).toBe(CommandEvent.NeedData);
  server.sendGap('news.*', ['Reason', 'dropped']);
  const message = encodeSharedMessage(pool, 'news.eu', 3, 't1', bytesOf('x'), 0, 1, ['Position', 'h1:9']);
  server.sendShared(message);
  message.release();
  server.sendGoodbye('stopping', ['Retry-After-Ms', '5']);
  client.receive(server.output.flatten());
  expect(told).toEqual(['greeting', 'echo: OK hello ü', 'gap news.* dropped', 'news.eu 3 x', 'end goodbye']);
});
