// The protocol on the wire, in the order of its description: greeting, requests, replies, publications, cutting, ends, limits, state.

import { shareBytes } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { CommandEngine, CommandEvent, encodeSharedMessage, headBytes } from '../src/index.ts';
import { asking, bodyOf, bytesOf, client, codeOf, drive, fetch, namesOf, pool, readBy, serve, server, singly, takeOutput, textOf } from './wire.ts';

const ping = (sequence: string) => `PING\r\nSequence: ${sequence}\r\n\r\n`;

describe('Greeting', () => {
  it('is OK and nothing else', () => {
    const engine = new CommandEngine({ role: 'server', pool });
    engine.sendGreeting();
    expect(takeOutput(engine)).toBe('OK\r\n');
    expect(() => engine.sendGreeting()).toThrow(/once/);
  });

  it.each(['No certificate was sent, but this is required, aborting.', 'Certificate expired', "Certificate isn't valid yet", 'Unfamiliar certificate AB12'])(
    'or ERR: %s, after which nothing is read or sent',
    (text) => {
      const engine = new CommandEngine({ role: 'server', pool });
      engine.receive(bytesOf(ping('1')));
      engine.refuse(text);
      engine.refuse('again');
      expect(takeOutput(engine)).toBe(`ERR: ${text}\r\n`);
      expect(engine.next()).toBe(CommandEvent.Closed);
      expect(engine.isOpen).toBe(false);
      expect(() => engine.sendGreeting()).toThrow(/first/);
      expect(engine.stateBytes).toBe(0);
    },
  );

  it('comes before anything is looked at, also when bytes are here already', () => {
    const engine = new CommandEngine({ role: 'server', pool });
    const bytes = bytesOf(ping('1'));
    engine.receive(bytes);
    expect(() => engine.next()).toThrow(/before the greeting/);
    engine.setaside();
    bytes.fill(0x58);
    expect(engine.stateBytes).toBe(0);
    engine.sendGreeting();
    expect(engine.next()).toBe(CommandEvent.Request);
    engine.sendReply(engine.request.sequence);
    expect(takeOutput(engine)).toBe('OK\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
  });

  it('is read by a client', () => {
    expect(readBy(client, 'OK\r\n')).toEqual([{ event: 'greeting' }]);
    expect(readBy(client, 'ERR: Certificate expired\r\n')).toEqual([{ event: 'refused', text: 'Certificate expired' }, { event: 'closed' }]);
    expect(codeOf(readBy(client, 'OK \r\n'))).toBe('invalidGreeting');
    expect(codeOf(readBy(client, 'MSG a\r\n'))).toBe('invalidGreeting');
    expect(codeOf(readBy(client, 'HTTP/1.1 200 OK\r\n'))).toBe('invalidGreeting');
    expect(codeOf(readBy(client, '', true))).toBe('missingGreeting');
    expect(codeOf(readBy(client, 'OK', true))).toBe('truncated');
  });
});

describe('Requests', () => {
  it('are a command, arguments, headers and an empty line', () => {
    expect(serve('CMD arg1 argN\r\nSequence: a-7\r\nName: value\r\n\r\n')).toEqual([
      { event: 'request', sequence: 'a-7', line: ['CMD', 'arg1', 'argN'], headers: [['Sequence', 'a-7'], ['Name', 'value']], body: '' },
    ]);
  });

  it.each(['CMD a b', 'CMD   a     b', '  CMD a b', 'CMD a b   ', '   CMD  a  b '])('collapse spaces: %j', (line) => {
    expect(serve(`${line}\r\nSequence: 1\r\n\r\n`)).toMatchObject([{ line: ['CMD', 'a', 'b'] }]);
  });

  it.each(['Sequence: 1', 'sequence:1', 'SEQUENCE:   1   ', 'sEqUeNcE: 1'])('take header names in any case: %j', (header) => {
    const engine = server();
    engine.receive(bytesOf(`PING\r\n${header}\r\nsInCe: h1f:42\r\n\r\n`));
    expect(engine.next()).toBe(CommandEvent.Request);
    expect(engine.request.sequence).toBe('1');
    expect(engine.request.header('Since')).toBe('h1f:42');
    expect(engine.request.header('SEQUENCE')).toBe('1');
    expect(engine.request.header('Sinc')).toBeNull();
  });

  it('have no body, unless Size says so', () => {
    expect(serve(`PUBLISH t\r\nSequence: 1\r\nSize: 5\r\n\r\nhello${ping('2')}`)).toMatchObject([
      { sequence: '1', body: 'hello' },
      { sequence: '2', body: '' },
    ]);
    expect(serve(`PUBLISH t\r\nsize:0\r\nSequence: 1\r\n\r\n${ping('2')}`)).toMatchObject([{ body: '' }, { sequence: '2' }]);
    expect(serve('P\r\nSequence: 1\r\nSize: 005\r\n\r\n\r\n\r\nX')).toMatchObject([{ body: '\r\n\r\nX' }]);
  });

  it('may be in any language', () => {
    expect(serve('ECHO  žluť 日本 \u{1f600}\r\nSequence: 1\r\nX: ü\r\n\r\n')).toMatchObject([
      { line: ['ECHO', 'žluť', '日本', '\u{1f600}'], headers: [['Sequence', '1'], ['X', 'ü']] },
    ]);
  });

  it.each([
    ['\r\n', 'missingCommand'],
    ['   \r\n', 'missingCommand'],
    ['PING\n', 'bareLf'],
    ['PING\r\nSequence: 1\r\n\n', 'bareLf'],
    ['PING\rX', 'bareCr'],
    ['PING\r\r', 'bareCr'],
    ['PI\t', 'controlByte'],
    ['PI\0', 'controlByte'],
    ['PING\x7f', 'controlByte'],
    ['PING\r\nX: a\0', 'controlByte'],
    ['PING\r\nX\r\n', 'invalidHeader'],
    ['PING\r\n: 1\r\n', 'invalidHeader'],
    ['PING\r\nSequence : 1\r\n', 'invalidHeader'],
    ['PING\r\n Sequence: 1\r\n', 'invalidHeader'],
    ['PING\r\nX: 1\r\n folded\r\n', 'invalidHeader'],
    ['PING\r\nSé: 1\r\n', 'invalidHeader'],
    ['PING\r\nSequence: 1\r\nsequence: 1\r\n', 'repeatedHeader'],
    ['PING\r\nSize: 1\r\nSIZE: 1\r\n', 'repeatedHeader'],
    ['PING\r\nOffset: 1\r\nOffset: 2\r\n', 'repeatedHeader'],
    ['PING\r\nEpoch: 1\r\nEpoch: 2\r\n', 'repeatedHeader'],
    ['PING\r\nSequence:\r\n', 'invalidSequence'],
    ['PING\r\nSequence: a b\r\n', 'invalidSequence'],
    ['PING\r\nSequence: é\r\n', 'invalidSequence'],
    [`PING\r\nSequence: ${'9'.repeat(65)}\r\n`, 'invalidSequence'],
    ['PING\r\nSize:\r\n', 'invalidSize'],
    ['PING\r\nSize: +5\r\n', 'invalidSize'],
    ['PING\r\nSize: -5\r\n', 'invalidSize'],
    ['PING\r\nSize: 5 5\r\n', 'invalidSize'],
    ['PING\r\nSize: 0x5\r\n', 'invalidSize'],
    ['PING\r\nSize: 5,5\r\n', 'invalidSize'],
    ['PING\r\nOffset: x\r\n', 'invalidOffset'],
    ['PING\r\nOffset: 9007199254740992\r\n', 'invalidOffset'],
  ])('%j fails as %s', (text, code) => {
    expect(codeOf(serve(text))).toBe(code);
    // Exactly at the last byte, not before.
    expect(serve(text.slice(0, -1))).toEqual([]);
  });

  it('that are not UTF-8 fail', () => {
    expect(codeOf(serve(Uint8Array.of(0x50, 0xff, 0x0d, 0x0a)))).toBe('invalidUtf8');
    expect(codeOf(serve(Uint8Array.of(0x50, 0x0d, 0x0a, 0x58, 0x3a, 0xc3, 0x0d, 0x0a)))).toBe('invalidUtf8');
  });

  it('a Sequence may have 64 characters', () => {
    expect(serve(ping('~'.repeat(64)))).toMatchObject([{ sequence: '~'.repeat(64) }]);
  });
});

describe('Replies', () => {
  it('are OK, Sequence, Size, and exactly as many bytes', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('7'))], false, ({ request }) => engine.sendReply(request.sequence, bytesOf('xhellox'), 1, 6));
    expect(takeOutput(engine)).toBe('OK\r\nSequence: 7\r\nSize: 5\r\n\r\nhello');
  });

  it('are ERR with the same headers for what failed, and the connection goes on', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('7') + ping('8'))], false, ({ request }) => engine.sendFailure(request.sequence, 'No such topic: ü', bytesOf('why')));
    expect(takeOutput(engine)).toBe(
      'ERR: No such topic: ü\r\nSequence: 7\r\nSize: 3\r\n\r\nwhyERR: No such topic: ü\r\nSequence: 8\r\nSize: 3\r\n\r\nwhy',
    );
  });

  it('come in whatever order they are ready', () => {
    const engine = server();
    const record = drive(engine, [bytesOf(ping('a') + ping('b') + ping('c'))], false, () => {});
    expect(record).toMatchObject([{ sequence: 'a' }, { sequence: 'b' }, { sequence: 'c' }]);
    expect(engine.inFlight).toBe(3);
    engine.sendReply('b');
    engine.sendReply('c');
    engine.sendReply('a');
    expect(takeOutput(engine).match(/Sequence: ./g)).toEqual(['Sequence: b', 'Sequence: c', 'Sequence: a']);
    expect(engine.inFlight).toBe(0);
    expect(() => engine.sendReply('a')).toThrow(/waits for a reply/);
  });

  it('take their body by reference', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('7'))], false, () => {});
    const body = new CommandEngine({ role: 'server', pool }).output;
    const shared = shareBytes(pool, bytesOf('shared'));
    body.append(shared.retain());
    body.writeLatin1('!');
    engine.sendReplyBrigade('7', body);
    expect(body.isEmpty).toBe(true);
    expect(engine.output.at(1)).toBe(shared);
    shared.release();
    expect(takeOutput(engine)).toBe('OK\r\nSequence: 7\r\nSize: 7\r\n\r\nshared!');
  });

  it('need a Sequence: without one it is ERR, and the end', () => {
    const engine = server();
    const record = drive(engine, [bytesOf(`${ping('1')}PING\r\n\r\n${ping('2')}`)]);
    expect(namesOf(record)).toEqual(['request', 'failed']);
    expect(engine.failure).toMatchObject({ fault: 'peer', code: 'missingSequence', section: 'Sequence' });
    expect(takeOutput(engine)).toBe(
      'OK\r\nSequence: 1\r\nSize: 0\r\n\r\nERR: No Sequence was sent, but this is required, aborting.\r\nSize: 0\r\n\r\n',
    );
    expect(codeOf(serve('PING\r\nSize: 999999\r\n\r\n'))).toBe('missingSequence');
  });

  it('need to be told apart: a Sequence is not used twice at once, but again', () => {
    expect(namesOf(serve(ping('1') + ping('1')))).toEqual(['request', 'request']);
    const engine = server();
    const record = drive(engine, [bytesOf(ping('1') + ping('1'))], false, () => {});
    expect(codeOf(record)).toBe('sequenceInUse');
    expect(engine.isInFlight('1')).toBe(false);
  });

  it('are waited for when too many are due', () => {
    const engine = server({ maxInFlight: 2 });
    const record = drive(engine, [bytesOf(ping('a') + ping('b') + ping('c') + ping('d'))], false, () => {});
    expect(namesOf(record)).toEqual(['request', 'request', 'paused']);
    engine.sendReply('b');
    expect(drive(engine, [bytesOf(ping('e'))], false, () => {})).toMatchObject([{ sequence: 'c' }, { event: 'paused' }]);
    engine.sendReply('a');
    engine.sendReply('c');
    expect(drive(engine, [], true, () => {})).toMatchObject([{ sequence: 'd' }, { sequence: 'e' }, { event: 'closed' }]);
  });

  it('are matched by a client', () => {
    expect(fetch('OK\r\nSequence: 2\r\nSize: 5\r\n\r\nhelloERR: no\r\nsize: 2\r\nSEQUENCE: 1\r\n\r\n!!', 2)).toEqual([
      { event: 'reply', sequence: '2', ok: true, text: '', body: 'hello' },
      { event: 'reply', sequence: '1', ok: false, text: 'no', body: '!!' },
    ]);
  });

  it.each([
    ['OK\r\nSequence: 9\r\nSize: 0\r\n\r\n', 'unknownSequence'],
    ['OK\r\nSequence: 1\r\nSize: 0\r\n\r\nOK\r\nSequence: 1\r\nSize: 0\r\n\r\n', 'unknownSequence'],
    ['OK\r\nSize: 0\r\n\r\n', 'missingSequence'],
    ['OK\r\nSequence: 1\r\n\r\n', 'missingSize'],
    ['ERR: x\r\nSequence: 1\r\n\r\n', 'missingSize'],
    ['OKAY\r\n', 'invalidReply'],
    ['\r\n', 'invalidReply'],
    ['ERR\r\n', 'invalidReply'],
    ['MSG\r\n', 'invalidReply'],
    ['MSG  \r\n', 'invalidReply'],
    ['MSG a b\r\n', 'invalidReply'],
  ])('%j fails a client as %s', (text, code) => {
    expect(codeOf(fetch(text))).toBe(code);
  });
});

describe('Goodbye', () => {
  it('is BYE, behind the last reply, and the end', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('1'))], false, () => {});
    expect(() => engine.sendGoodbye('stopping')).toThrow(/last reply/);
    engine.sendReply('1');
    engine.sendGoodbye('stopping', ['Retry-After-Ms', '1000']);
    expect(takeOutput(engine)).toBe('OK\r\nSequence: 1\r\nSize: 0\r\n\r\nBYE: stopping\r\nRetry-After-Ms: 1000\r\nSize: 0\r\n\r\n');
    expect([engine.isOpen, engine.next()]).toEqual([false, CommandEvent.Closed]);
    engine.receive(bytesOf(ping('2')));
    expect(engine.next()).toBe(CommandEvent.Closed);
    expect(() => engine.sendGoodbye('again')).toThrow(/nothing can be sent/);
    engine.refuse('too late');
    expect(takeOutput(engine)).toBe('');
  });

  it('is not said in place of the greeting', () => {
    expect(() => new CommandEngine({ role: 'server', pool }).sendGoodbye('x')).toThrow(/greeting/);
    expect(codeOf(readBy(client, 'BYE: x\r\n'))).toBe('invalidGreeting');
    expect(() => client().sendGoodbye('x')).toThrow(/server/);
  });

  it('takes no text that would end its line', () => {
    const engine = server();
    expect(() => engine.sendGoodbye('a\r\nOK')).toThrow(/control/);
    expect(() => engine.sendGoodbye('a', ['Retry-After-Ms', '1\r\nX: 2'])).toThrow(/control/);
    expect(takeOutput(engine)).toBe('');
    expect(engine.isOpen).toBe(true);
  });

  it('ends a client, with requests that were not begun or without', () => {
    expect(fetch('BYE: stopping\r\nSize: 0\r\n\r\nrest', 2, true)).toEqual([{ event: 'goodbye', text: 'stopping' }, { event: 'closed' }]);
    const engine = asking();
    drive(engine, [bytesOf('OK\r\nBYE:\r\n\r\n')]);
    expect([engine.isOpen, engine.inFlight]).toEqual([false, 0]);
  });
});

describe('Gaps', () => {
  it('are GAP and what is known, between publications', () => {
    const engine = server();
    engine.sendGap('news.*', ['Reason', 'dropped', 'Missed', '3']);
    expect(takeOutput(engine)).toBe('GAP news.*\r\nReason: dropped\r\nMissed: 3\r\nSize: 0\r\n\r\n');
    expect(() => engine.sendGap('a b')).toThrow(/space/);
    expect(() => engine.sendGap('a', ['Size', '1'])).toThrow(/written by the engine/);
    expect(fetch('GAP a\r\n\r\nMSG a\r\nOffset: 9\r\nSize: 0\r\n\r\n')).toMatchObject([{ event: 'gap', topic: 'a' }, { event: 'publication' }]);
  });
});

describe('Publications', () => {
  it('are MSG, Offset, Size and bytes, made once for all receivers', () => {
    const receivers = [server(), server(), server()];
    const message = encodeSharedMessage(pool, 'news.eu', 42, null, bytesOf('xhello'), 1);
    for (const engine of receivers) engine.sendShared(message);
    for (const engine of receivers) expect(engine.output.at(0)).toBe(message);
    message.release();
    for (const engine of receivers) expect(takeOutput(engine)).toBe('MSG news.eu\r\nOffset: 42\r\nSize: 5\r\n\r\nhello');
  });

  it('stand between replies', () => {
    expect(
      fetch('MSG a.b\r\nOffset: 1\r\nSize: 1\r\n\r\nxOK\r\nSequence: 1\r\nSize: 0\r\n\r\nMSG   日本  \r\nSize: 2\r\nEpoch: h1f\r\nOffset: 9007199254740991\r\n\r\nyz'),
    ).toEqual([
      { event: 'publication', topic: 'a.b', offset: 1, epoch: '', body: 'x' },
      { event: 'reply', sequence: '1', ok: true, text: '', body: '' },
      { event: 'publication', topic: '日本', offset: 9007199254740991, epoch: 'h1f', body: 'yz' },
    ]);
  });

  it('need Offset and Size', () => {
    expect(codeOf(fetch('MSG a\r\nSize: 0\r\n\r\n'))).toBe('missingOffset');
    expect(codeOf(fetch('MSG a\r\nOffset: 0\r\n\r\n'))).toBe('missingSize');
    expect(codeOf(fetch('MSG a\r\nOffset: 1.5\r\n'))).toBe('invalidOffset');
  });
});

describe('Cutting', () => {
  const text = `${ping('1')}PUBLISH t\r\nSequence: 2\r\nSize: 4\r\n\r\n\r\n\r\n${ping('3')}`;

  it('many requests in one packet, or one byte at a time, are the same', () => {
    expect(namesOf(serve(text))).toEqual(['request', 'request', 'request']);
    expect(serve(Array.from({ length: 200 }, (_, i) => ping(String(i))).join('')).length).toBe(200);
  });

  it.each([
    [1, 3],
    [2, 2],
    [3, 1],
  ])('the terminator is cut %i/%i', (first) => {
    const request = ping('1');
    const at = request.length - 4 + first;
    const engine = server();
    const record = drive(engine, [bytesOf(request.slice(0, at)), bytesOf(request.slice(at) + ping('2'))]);
    expect(record).toMatchObject([{ sequence: '1' }, { sequence: '2' }]);
  });

  it('at every place is the same', () => {
    const bytes = bytesOf(text);
    const whole = drive(server(), [bytes]);
    for (let at = 0; at <= bytes.length; at++) expect(drive(server(), [bytes.slice(0, at), bytes.slice(at)])).toEqual(whole);
  });
});

describe('Ends', () => {
  it('after a failure nothing more is read or sent; the text is in the output, behind the replies before it', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('1'))], false, () => {});
    engine.sendReply('1', bytesOf('last'));
    expect(codeOf(drive(engine, [bytesOf(`PING\n${ping('2')}`)]))).toBe('bareLf');
    for (const piece of singly(bytesOf(ping('3')))) engine.receive(piece);
    expect(engine.next()).toBe(CommandEvent.Failed);
    expect(engine.heldBytes).toBe(0);
    expect(engine.isOpen).toBe(false);
    expect(() => engine.sendReply('1')).toThrow(/over/);
    engine.refuse('again');
    expect(takeOutput(engine)).toBe('OK\r\nSequence: 1\r\nSize: 4\r\n\r\nlastERR: A line ends with LF alone.\r\nSize: 0\r\n\r\n');
  });

  it('a client reads the text whole, and which kind it is', () => {
    const refused = [{ event: 'refused', text: 'Draining.' }, { event: 'closed' }];
    expect(fetch('ERR: Draining.\r\nSize: 0\r\n\r\n')).toEqual(refused);
    expect(fetch('ERR: Draining.\r\n\r\n')).toEqual(refused);
    expect(fetch('ERR: Draining.\r\n', 1, true)).toEqual(refused);
    expect(codeOf(fetch('ERR: Draining.\r\nSi', 1, true))).toBe('truncated');
    expect(codeOf(fetch('OK\r\n', 1, true))).toBe('truncated');
  });

  it('a server may refuse at any time', () => {
    const engine = server();
    drive(engine, [bytesOf(ping('1'))], false, () => {});
    engine.refuse('Draining.');
    expect(engine.isInFlight('1')).toBe(false);
    expect(takeOutput(engine)).toBe('ERR: Draining.\r\nSize: 0\r\n\r\n');
    expect(engine.next()).toBe(CommandEvent.Closed);
  });

  it('replies to requests in flight are sent after close, and after the peer has ended', () => {
    for (const end of ['close', 'receiveEnd'] as const) {
      const engine = server();
      drive(engine, [bytesOf(ping('1'))], false, () => {});
      engine[end]();
      expect(engine.next()).toBe(CommandEvent.Closed);
      expect(engine.inFlight).toBe(1);
      engine.sendReply('1');
      expect(takeOutput(engine)).toBe('OK\r\nSequence: 1\r\nSize: 0\r\n\r\n');
    }
  });

  it('FIN is Closed between messages, truncated within one', () => {
    expect(namesOf(serve(ping('1'), {}, true))).toEqual(['request', 'closed']);
    expect(codeOf(serve('P', {}, true))).toBe('truncated');
    expect(codeOf(serve('P\r\nSequence: 1\r\nSize: 2\r\n\r\nx', {}, true))).toBe('truncated');
    expect(codeOf(fetch('', 1, true))).toBe('missingReply');
    expect(namesOf(fetch('', 0, true))).toEqual(['closed']);
  });

  it('a client that closes waits for its replies', () => {
    const engine = asking(1);
    engine.close();
    expect(() => engine.sendRequest('PING')).toThrow(/over/);
    expect(namesOf(drive(engine, [bytesOf('OK\r\n'), bytesOf('OK\r\nSequence: 1\r\nSize: 0\r\n\r\nMSG')]))).toEqual(['greeting', 'reply', 'closed']);
  });
});

describe('Limits', () => {
  const head = 'PUBLISH t\r\nSequence: 1\r\nSize: 8000\r\n';
  const padded = `${head}X: ${'x'.repeat(headBytes - 8000 - head.length - 7)}\r\n\r\n`;

  it('8,064 bytes of head and body are a message, one more is not', () => {
    expect(serve(padded + 'b'.repeat(8000))).toMatchObject([{ body: 'b'.repeat(8000) }]);
    const engine = server();
    expect(codeOf(drive(engine, [bytesOf(padded.replace('X: ', 'X:  '))]))).toBe('messageTooLarge');
    expect(takeOutput(engine)).toBe('ERR: The message is too large.\r\nSize: 0\r\n\r\n');
    expect(codeOf(serve(padded.replace('8000', '8001')))).toBe('messageTooLarge');
    expect(codeOf(serve(`P\r\nSequence: 1\r\nSize: ${'9'.repeat(400)}\r\n\r\n`))).toBe('messageTooLarge');
  });

  it('a head of 8,064 bytes is a message, one that goes on is not', () => {
    const arg = 'x'.repeat(headBytes - 'P \r\nSequence: 1\r\n\r\n'.length);
    expect(serve(`P ${arg}\r\nSequence: 1\r\n\r\n`)).toMatchObject([{ line: ['P', arg] }]);
    expect(codeOf(serve(`P ${arg}x\r\nSequence: 1\r\n\r\n`))).toBe('messageTooLarge');
    expect(serve('x'.repeat(headBytes))).toEqual([]);
    expect(codeOf(serve('x'.repeat(headBytes + 1)))).toBe('messageTooLarge');
  });

  it('may be set, and a longer message grows a buffer that is given back', () => {
    const engine = server({ maxMessageBytes: 100_000 });
    engine.receive(bytesOf(`P\r\nSequence: 1\r\nSize: 90000\r\n\r\n${'b'.repeat(90_000)}${ping('2')}`));
    expect(engine.next()).toBe(CommandEvent.Request);
    expect(bodyOf(engine)).toBe('b'.repeat(90_000));
    expect(engine.heldBytes).toBeGreaterThan(90_000);
    const large = engine.data;
    expect(engine.next()).toBe(CommandEvent.Request);
    expect(engine.data).not.toBe(large);
    expect(engine.data.length).toBe(headBytes);
    expect(codeOf(serve('PING\r\nSequence: 1\r\nSize: 70\r\n\r\n', { maxMessageBytes: 100 }))).toBe('messageTooLarge');
  });

  it('of a client are wider: replies and publications of 1 MiB', () => {
    const body = 'x'.repeat(1_000_000);
    const record = drive(asking(1), [bytesOf(`OK\r\nOK\r\nSequence: 1\r\nSize: 1000000\r\n\r\n${body}`)]);
    expect(record[1]).toEqual({ event: 'reply', sequence: '1', ok: true, text: '', body });
    expect(codeOf(fetch('OK\r\nSequence: 1\r\nSize: 1048576\r\n\r\n'))).toBe('messageTooLarge');
  });
});

describe('State', () => {
  it('is nothing before the first byte, then 8,192 bytes: 64 private, 64 of the user, 8,064 of message', () => {
    const engine = server();
    expect(engine.next()).toBe(CommandEvent.NeedData);
    engine.receive(new Uint8Array(0));
    expect(engine.next()).toBe(CommandEvent.NeedData);
    expect([engine.stateBytes, engine.user]).toEqual([0, null]);
    engine.receive(bytesOf('P'));
    engine.next();
    expect(engine.stateBytes).toBe(8192);
    expect(engine.user?.length).toBe(64);
  });

  it("of the user is aligned, zeroed, kept, and leads to nobody else's", () => {
    const engine = server();
    drive(engine, [bytesOf(ping('1'))]);
    const user = engine.user as Uint8Array<ArrayBuffer>;
    expect([user.byteOffset, user.buffer.byteLength]).toEqual([0, 64]);
    expect([...user].every((byte) => byte === 0)).toBe(true);
    new BigInt64Array(user.buffer)[7] = 42n;
    new Float64Array(user.buffer)[0] = 0.5;
    drive(engine, [bytesOf(ping('2'))]);
    expect(engine.user).toBe(user);
    expect([new BigInt64Array(user.buffer)[7], new Float64Array(user.buffer)[0]]).toEqual([42n, 0.5]);
  });

  it('that is private is within reach of nothing the engine gives', () => {
    const engine = server();
    engine.receive(bytesOf(ping('1')));
    engine.next();
    const seen = new Set<unknown>();
    const buffers = new Set<ArrayBufferLike>();
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object' || seen.has(value)) return;
      seen.add(value);
      if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
      else for (let owner = value; owner !== null; owner = Object.getPrototypeOf(owner)) visitAll(owner, value);
    };
    const visitAll = (owner: object, self: object): void => {
      for (const key of Reflect.ownKeys(owner)) {
        if (key === 'caller' || key === 'callee' || key === 'arguments') continue;
        try {
          visit(Reflect.get(owner, key, self));
        } catch {
          // An accessor of the other role.
        }
      }
    };
    visit(engine);
    // The user's part and the message buffer were found; the 64 private bytes would be a third of these sizes.
    const sizes = [...buffers].map((buffer) => buffer.byteLength).filter((size) => size === 64 || size === headBytes);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([64, headBytes]);
    expect(textOf(engine.user as Uint8Array)).toBe('\0'.repeat(64));
  });

  it('is a connection of its own: engines share nothing', () => {
    const [one, other] = [server(), server()];
    one.receive(bytesOf('PING\r\nSequ'));
    one.next();
    expect(drive(other, [bytesOf(ping('2'))])).toMatchObject([{ sequence: '2' }]);
    expect(drive(one, [bytesOf('ence: 1\r\n\r\n')])).toMatchObject([{ sequence: '1' }]);
  });
});
