// Any chunking of the same bytes gives the same events, in both roles, with stops and set-asides anywhere; and what one side sends
// arrives at the other.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandEngine, CommandEvent, encodeSharedMessage, type HeaderList } from '../src/index.ts';
import { asking, bodyOf, bytesOf, client, drive, lendings, pool, replyNothing, server } from './wire.ts';

const limits = { maxMessageBytes: 300, maxInFlight: 3 };

/** Pieces of a stream as peers send them: mostly right, sometimes over a limit, sometimes broken. */
const wordText = fc.string({ unit: fc.constantFrom('a', 'B', '7', '.', 'é', '日', '\u{1f600}'), minLength: 1, maxLength: 6 });
const bodyText = fc.oneof(fc.constant(''), fc.string({ unit: fc.constantFrom('x', '\r', '\n', ' ', 'OK'), maxLength: 40 }));
const bodied = (head: string, body: string) => `${head}Size: ${bytesOf(body).length}\r\n\r\n${body}`;
const request = fc
  .tuple(fc.array(wordText, { minLength: 1, maxLength: 4 }), fc.nat(5), fc.constantFrom(' ', '   '), bodyText)
  .map(([words, sequence, gap, body]) => bodied(`${words.join(gap)}\r\nsequence: ${sequence}\r\n`, body));
const reply = fc
  .tuple(fc.constantFrom('OK', 'ERR: no', 'ERR:'), fc.integer({ min: 1, max: 5 }), bodyText)
  .map(([line, sequence, body]) => bodied(`${line}\r\nSequence: ${sequence}\r\n`, body));
const publication = fc.tuple(wordText, fc.nat(), bodyText).map(([topic, offset, body]) => bodied(`MSG ${topic}\r\nOffset: ${offset}\r\n`, body));
const gap = wordText.map((topic) => `GAP ${topic}\r\nReason: dropped\r\nSize: 0\r\n\r\n`);
const broken = fc.constantFrom(
  'PING\r\n\r\n',
  'PING\n',
  'P\0',
  'P\r\nX\r\n',
  'P\r\nSequence: 1\r\nSize: 400\r\n\r\n',
  'ERR: over\r\nSize: 0\r\n\r\n',
  'ERR: over\r\n',
  'BYE: over\r\nRetry-After-Ms: 5\r\n\r\n',
  'GAP a b\r\n',
  `P ${'x'.repeat(400)}`,
);

const stream = (message: fc.Arbitrary<string>) =>
  fc.tuple(fc.array(message, { maxLength: 8 }), fc.option(broken, { nil: '', freq: 3 })).map(([messages, last]) => bytesOf(messages.join('') + last));
const lending = fc.constantFrom(...lendings);
const cuts = fc.array(fc.nat(60), { maxLength: 60 });

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  pieces.push(bytes.slice(at));
  return pieces;
}

describe('Any chunking of the same bytes gives the same events', () => {
  it('to a server', () => {
    fc.assert(
      fc.property(stream(request), cuts, fc.boolean(), lending, (bytes, lengths, ends, lend) => {
        expect(drive(server(limits), cut(bytes, lengths), ends, replyNothing, lend)).toEqual(drive(server(limits), [bytes], ends));
      }),
      { numRuns: 500 },
    );
  });

  it('to a client', () => {
    fc.assert(
      fc.property(stream(fc.oneof(reply, publication, gap)), cuts, fc.boolean(), lending, (bytes, lengths, ends, lend) => {
        const all = Uint8Array.from([...bytesOf('OK\r\n'), ...bytes]);
        expect(drive(asking(4, limits), cut(all, lengths), ends, replyNothing, lend)).toEqual(drive(asking(4, limits), [all], ends));
      }),
      { numRuns: 500 },
    );
  });

  it('when reading stops and goes on', () => {
    fc.assert(
      fc.property(stream(request), cuts, fc.nat(3), lending, (bytes, lengths, stopEvery, lend) => {
        const engine = server(limits);
        const seen: string[] = [];
        const step = (): boolean => {
          const event = engine.next();
          if (event === CommandEvent.Request) {
            seen.push(`${engine.request.sequence} ${engine.request.command} ${bodyOf(engine)}`);
            engine.sendReply(engine.request.sequence);
          }
          return event === CommandEvent.Request;
        };
        for (const piece of cut(bytes, lengths)) {
          const lent = lend(piece);
          engine.receive(lent);
          for (let steps = 0; steps < stopEvery; steps++) if (!step()) break;
          engine.setaside();
          lent.fill(0x58);
        }
        while (step());
        const whole: string[] = [];
        drive(server(limits), [bytes], false, (other) => {
          whole.push(`${other.request.sequence} ${other.request.command} ${bodyOf(other)}`);
          replyNothing(other);
        });
        expect(seen).toEqual(whole);
        expect(engine.stateBytes).toBeLessThanOrEqual(limits.maxMessageBytes + 128);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Whatever one side sends arrives at the other', () => {
  const name = fc.constantFrom('Since', 'x-1', "a!#$%&'*+-.^_`|~");
  const value = fc.array(wordText, { maxLength: 3 }).map((words) => words.join(' '));
  const asked = fc.record({
    words: fc.array(wordText, { minLength: 1, maxLength: 5 }),
    headers: fc.array(fc.tuple(name, value), { maxLength: 3 }),
    body: fc.uint8Array({ maxLength: 100 }),
  });
  const answered = fc.record({ text: fc.option(value, { nil: null }), body: fc.uint8Array({ maxLength: 9000 }), late: fc.boolean() });

  const take = (engine: CommandEngine, lengths: readonly number[]): Uint8Array[] => {
    const bytes = engine.output.flatten();
    engine.output.consume(bytes.length);
    return cut(bytes, lengths);
  };

  it('requests and their replies, at once or later', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(asked, answered), { maxLength: 6 }), cuts, (exchanges, lengths) => {
        const from = client();
        const to = server();
        to.output.writeLatin1('OK\r\n');
        const sequences = exchanges.map(([{ words, headers, body }]) => from.sendRequest(words[0] ?? '', words.slice(1), headers.flat() as HeaderList, body));
        const late: (() => void)[] = [];
        let index = 0;
        const requests = drive(to, take(from, lengths), false, ({ request: { sequence } }) => {
          const { text, body, late: isLate } = exchanges[index++]?.[1] ?? { text: null, body: new Uint8Array(0), late: false };
          const send = () => (text === null ? to.sendReply(sequence, body) : to.sendFailure(sequence, text, body));
          if (isLate) late.unshift(send);
          else send();
        });
        for (const send of late) send();
        expect(requests).toEqual(
          exchanges.map(([{ words, headers, body }], i) => {
            const size = body.length === 0 ? [] : [['Size', String(body.length)]];
            return {
              event: 'request',
              sequence: sequences[i],
              line: words,
              headers: [...headers, ['Sequence', sequences[i]], ...size],
              body: Buffer.from(body).toString(),
            };
          }),
        );
        const replies = drive(from, take(to, lengths));
        expect(from.inFlight).toBe(0);
        const bySequence = replies.slice(1).toSorted((a, b) => sequenceOf(a) - sequenceOf(b));
        expect(bySequence).toEqual(
          exchanges.map(([, { text, body }], i) => ({
            event: 'reply',
            sequence: sequences[i],
            ok: text === null,
            text: text ?? '',
            body: Buffer.from(body).toString(),
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  const sequenceOf = (record: object): number => ('sequence' in record ? Number(record.sequence) : 0);

  it('publications', () => {
    const offset = fc.maxSafeNat();
    const made = fc.record({ topic: wordText, offset, epoch: fc.option(wordText, { nil: null }), body: fc.string({ maxLength: 200 }) });
    fc.assert(
      fc.property(fc.array(made, { maxLength: 6 }), cuts, (all, lengths) => {
        const to = client();
        const from = new CommandEngine({ role: 'server', pool });
        from.sendGreeting();
        for (const { topic, offset, epoch, body } of all) {
          const message = encodeSharedMessage(pool, topic, offset, epoch, bytesOf(body));
          from.sendShared(message);
          message.release();
        }
        const expected = all.map(({ topic, offset, epoch, body }) => ({ event: 'publication', topic, offset, epoch: epoch ?? '', body }));
        expect(drive(to, take(from, lengths))).toEqual([{ event: 'greeting' }, ...expected]);
      }),
      { numRuns: 200 },
    );
  });
});
