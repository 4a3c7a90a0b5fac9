// The heads of messages, as their receiver sees them: views of the message in the buffer, valid until the following `next()`. They
// look at the bytes when asked, and make strings then.

import { colonOf, isNamed, skipSpaces, trimSpaces } from './header-line.ts';
import type { MessageReader } from './message-reader.ts';
import { endOfWord, Kind } from './start-line.ts';
import { textOf } from './utf8.ts';

/** What all heads have: headers. */
export class MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    this.#reader = reader;
  }

  /** The value of the first header of this name, in any case; null where there is none. */
  header(name: string): string | null {
    const wanted = name.toLowerCase();
    const { message } = this.#reader.state;
    const end = this.#reader.headEnd - 2;
    for (let start = this.#reader.startLineEnd + 2; start < end; start = nextLine(message, start)) {
      const colon = colonOf(message, start, end);
      if (isNamed(message, start, colon, wanted)) return valueOf(message, colon);
    }
    return null;
  }

  /** Names as they were sent, and values, in order. */
  *headers(): Generator<[name: string, value: string]> {
    const { message } = this.#reader.state;
    const end = this.#reader.headEnd - 2;
    for (let start = this.#reader.startLineEnd + 2; start < end; start = nextLine(message, start)) {
      const colon = colonOf(message, start, end);
      yield [textOf(message, start, colon), valueOf(message, colon)];
    }
  }
}

/** Index of the line behind the one that `at` is in. Every line of a head has been seen to end. */
function nextLine(message: Uint8Array, at: number): number {
  return message.indexOf(0x0a, at) + 1;
}

function valueOf(message: Uint8Array, colon: number): string {
  const end = message.indexOf(0x0d, colon);
  const start = skipSpaces(message, colon + 1, end);
  return textOf(message, start, trimSpaces(message, start, end));
}

export class RequestHead extends MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    super(reader);
    this.#reader = reader;
  }

  /** What its reply has to carry. */
  get sequence(): string {
    return this.#reader.sequence;
  }

  /** The first word of its line, as it was sent. */
  get command(): string {
    const { message } = this.#reader.state;
    const end = this.#reader.startLineEnd;
    const start = skipSpaces(message, 0, end);
    return textOf(message, start, endOfWord(message, start, end));
  }

  /** The other words. A new array each time. */
  get args(): string[] {
    const { message } = this.#reader.state;
    const end = this.#reader.startLineEnd;
    const args: string[] = [];
    let at = skipSpaces(message, endOfWord(message, skipSpaces(message, 0, end), end), end);
    while (at < end) {
      const behind = endOfWord(message, at, end);
      args.push(textOf(message, at, behind));
      at = skipSpaces(message, behind, end);
    }
    return args;
  }
}

export class ReplyHead extends MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    super(reader);
    this.#reader = reader;
  }

  /** The request's. */
  get sequence(): string {
    return this.#reader.sequence;
  }

  /** `OK`, and not `ERR`. */
  get ok(): boolean {
    return this.#reader.kind === Kind.Ok;
  }

  /** What stands behind `ERR: `; empty with `OK`. */
  get text(): string {
    return this.ok ? '' : failureText(this.#reader);
  }
}

export class PublicationHead extends MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    super(reader);
    this.#reader = reader;
  }

  get topic(): string {
    return topicText(this.#reader);
  }

  /** 0 to 2^53 - 1. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** Empty where none was sent. */
  get epoch(): string {
    return this.#reader.epoch;
  }
}

export class GapHead extends MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    super(reader);
    this.#reader = reader;
  }

  /** The topic, or the pattern of a subscription to many. */
  get topic(): string {
    return topicText(this.#reader);
  }
}

export class GoodbyeHead extends MessageHead {
  readonly #reader: MessageReader;

  constructor(reader: MessageReader) {
    super(reader);
    this.#reader = reader;
  }

  /** What stands behind `BYE: `. */
  get text(): string {
    return failureText(this.#reader);
  }
}

/** What a server sends, as a client's engine has it. */
export class AnswerHeads {
  readonly reply: ReplyHead;
  readonly publication: PublicationHead;
  readonly gap: GapHead;
  readonly goodbye: GoodbyeHead;

  constructor(reader: MessageReader) {
    this.reply = new ReplyHead(reader);
    this.publication = new PublicationHead(reader);
    this.gap = new GapHead(reader);
    this.goodbye = new GoodbyeHead(reader);
  }
}

/** The word behind `MSG ` or `GAP `. */
function topicText(reader: MessageReader): string {
  const { message } = reader.state;
  const end = reader.startLineEnd;
  const start = skipSpaces(message, 'MSG '.length, end);
  return textOf(message, start, trimSpaces(message, start, end));
}

/** The text of the line `ERR: <text>`, or `BYE: <text>`, in the buffer. */
export function failureText(reader: MessageReader): string {
  const { message } = reader.state;
  const end = reader.startLineEnd;
  const start = skipSpaces(message, 'ERR:'.length, end);
  return textOf(message, start, trimSpaces(message, start, end));
}
