// Lines 1 and 2: engines take bytes and give events and bytes, and that is all they do.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Pool, type Brigade } from '@sluice/brigade';
import { CommandEngine, CommandEvent } from '@sluice/command';
import { Http1Engine, Http1Event } from '@sluice/http1';
import { WebSocketEngine, WebSocketEvent } from '@sluice/websocket';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBareRealm } from '../../support/bare-realm.ts';
import { closePayload, frame, opcodes } from '../../support/websocket-wire.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** One end of a protocol, as whoever drives it knows it: an event in words at a time, null where there is none. */
interface Driven {
  readonly engine: { receive(bytes: Uint8Array, start: number, end: number): void; receiveEnd(): void; setaside(): void; readonly output: Brigade; readonly controlOutput?: Brigade };
  step(): string | null;
}

const nameOf = (events: Readonly<Record<string, number>>, code: number): string => Object.keys(events).find((name) => events[name] === code)!;
const dataOf = ({ data, dataStart, dataEnd }: { data: Uint8Array; dataStart: number; dataEnd: number }): string =>
  Buffer.from(data.subarray(dataStart, dataEnd)).toString('latin1');

function webSocket(role: 'server' | 'client'): Driven {
  const engine = new WebSocketEngine({ role, pool: new Pool('engine'), maskKey: () => 7, limits: { maxMessageBytes: 400 } });
  const step = (): string | null => {
    const event = engine.next();
    switch (event) {
      case WebSocketEvent.NeedData:
        return null;
      case WebSocketEvent.Message:
        engine.sendMessage(engine.opcode, engine.data, engine.dataStart, engine.dataEnd);
        return `Message ${engine.opcode} ${dataOf(engine)}`;
      case WebSocketEvent.Failed:
        return `Failed ${engine.failure!.code} ${engine.failure!.closeCode}`;
      case WebSocketEvent.Close:
        return `Close ${engine.closeCode} ${engine.closeReason}`;
      default:
        return `${nameOf(WebSocketEvent, event)} ${dataOf(engine)}`;
    }
  };
  return { engine, step };
}

function http1(role: 'server' | 'client'): Driven {
  const engine = new Http1Engine({ role, pool: new Pool('engine'), limits: { maxTargetBytes: 200, maxBodyBytes: 300 } });
  const ask = (): void => {
    engine.sendRequest('GET', '/', ['Host', 'h']);
    engine.sendEnd();
  };
  if (role === 'client') ask();
  const step = (): string | null => {
    const event = engine.next();
    switch (event) {
      case Http1Event.NeedData:
        return null;
      case Http1Event.Head:
        return role === 'server' ? `${engine.request.method} ${engine.request.target}` : `${engine.response.status}`;
      case Http1Event.Data:
        return `+${dataOf(engine)}`;
      case Http1Event.EndOfMessage:
        if (role === 'server') {
          engine.sendHead(200, [], 2);
          engine.sendData(bytesOf('ok'));
          engine.sendEnd();
        } else if (engine.keepAlive) ask();
        return `End ${engine.trailers?.get('x-sum') ?? ''}`;
      case Http1Event.Failed:
        return `Failed ${engine.failure!.code} ${engine.failure!.status}`;
      default:
        return nameOf(Http1Event, event);
    }
  };
  return { engine, step };
}

function command(role: 'server' | 'client'): Driven {
  const engine = new CommandEngine({ role, pool: new Pool('engine'), limits: { maxMessageBytes: 400 } });
  if (role === 'server') engine.sendGreeting();
  let asked = 0;
  const step = (): string | null => {
    const event = engine.next();
    switch (event) {
      case CommandEvent.NeedData:
        return null;
      case CommandEvent.Greeting:
        for (; asked < 40; asked++) engine.sendRequest('PING');
        return 'Greeting';
      case CommandEvent.Request: {
        const { command: name, args, sequence } = engine.request;
        const text = `${name} ${args.join(' ')} #${sequence} ${dataOf(engine)}`;
        engine.sendReply(sequence, bytesOf('ok'));
        return text;
      }
      case CommandEvent.Reply:
        return `Reply ${engine.reply.sequence} ${dataOf(engine)}`;
      case CommandEvent.Publication:
        return `Publication ${engine.publication.topic} ${engine.publication.offset} ${dataOf(engine)}`;
      case CommandEvent.Failed:
        return `Failed ${engine.failure!.code}`;
      default:
        return nameOf(CommandEvent, event);
    }
  };
  return { engine, step };
}

/** What peers send: whole, cut up by their own protocol's means, over a limit, and wrong. */
const wire = {
  'websocket server': [
    frame({ opcode: opcodes.text, payload: 'héllo' }),
    frame({ opcode: opcodes.binary, payload: Buffer.alloc(200, 0xa5) }),
    Buffer.concat([
      frame({ opcode: opcodes.text, payload: 'in two ', fin: false }),
      frame({ opcode: opcodes.ping, payload: 'between' }),
      frame({ opcode: opcodes.continuation, payload: 'pieces' }),
    ]),
    frame({ opcode: opcodes.text, payload: Buffer.from([0xc3, 0x28]) }),
    frame({ opcode: opcodes.text, payload: 'not masked', masked: false }),
    frame({ opcode: opcodes.binary, length: 100_000 }),
    frame({ opcode: opcodes.close, payload: closePayload(1000, 'bye') }),
  ],
  'websocket client': [
    frame({ opcode: opcodes.text, payload: 'hello', masked: false }),
    frame({ opcode: opcodes.binary, payload: Buffer.alloc(300, 1), masked: false }),
    frame({ opcode: opcodes.pong, payload: 'late', masked: false }),
    frame({ opcode: 3, masked: false }),
    frame({ opcode: opcodes.close, payload: closePayload(1001), masked: false }),
  ],
  'http1 server': [
    'GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello\r\nyou!',
    'POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 7\r\n\r\n',
    'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    `GET /${'x'.repeat(250)} HTTP/1.1\r\nHost: h\r\n\r\n`,
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 301\r\n\r\n',
    'GET  / HTTP/1.1\r\n\r\n',
    '\r\n',
  ].map(bytesOf),
  'http1 client': [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nuntil the end',
    'HTTP/1.1 2000 OK\r\n\r\n',
  ].map(bytesOf),
  'command server': [
    'PING\r\nSequence: 1\r\n\r\n',
    'ECHO  one   two\r\nsequence: a\r\nX-Other: y\r\n\r\n',
    'PUBLISH news\r\nSize: 11\r\nSequence: 7\r\n\r\nhello\r\nyou!',
    'PING\r\n\r\n',
    'PING\nSequence: 1\r\n\r\n',
    `PUBLISH news\r\nSequence: 8\r\nSize: 500\r\n\r\n`,
  ].map(bytesOf),
  'command client': [
    'OK\r\nSequence: 1\r\nSize: 2\r\n\r\nhi',
    'OK\r\nSequence: 2\r\nSize: 0\r\n\r\n',
    'MSG news\r\nOffset: 4\r\nSize: 3\r\n\r\nabc',
    'OK\r\nSequence: 900\r\nSize: 0\r\n\r\n',
    'ERR: enough\r\n',
  ].map(bytesOf),
};

type Role = keyof typeof wire;

const make = (role: Role): Driven => {
  const [protocol, end] = role.split(' ') as ['websocket' | 'http1' | 'command', 'server' | 'client'];
  return { websocket: webSocket, http1, command }[protocol](end);
};

const roles = Object.keys(wire) as Role[];
/** What is sent in any case, before what was drawn. */
const prologue: Partial<Record<Role, Buffer>> = { 'command client': bytesOf('OK\r\n') };
const streamOf = (role: Role): fc.Arbitrary<Buffer> =>
  fc.array(fc.constantFrom(...wire[role]), { minLength: 1, maxLength: 6 }).map((parts) => Buffer.concat([prologue[role] ?? Buffer.alloc(0), ...parts]));

interface Transcript {
  /** Pieces of a body are joined: how it is cut follows from how it came. */
  readonly events: string[];
  readonly output: string;
}

class Drive {
  readonly #driven: Driven;
  readonly events: string[] = [];
  #isOver = false;

  constructor(role: Role) {
    this.#driven = make(role);
  }

  /** Lends the bytes in memory that is overwritten as soon as the engine has no right to it any more. */
  lend(bytes: Uint8Array, scratch: Buffer): void {
    if (this.#isOver) return;
    scratch.set(bytes, 3);
    this.#driven.engine.receive(scratch, 3, 3 + bytes.length);
    this.#read();
    this.#driven.engine.setaside();
    scratch.fill(0xe5);
  }

  end(): Transcript {
    this.#driven.engine.receiveEnd();
    this.#read();
    const { output, controlOutput } = this.#driven.engine;
    const made = [controlOutput, output].map((brigade) => (brigade === undefined ? '' : Buffer.from(brigade.flatten()).toString('latin1')));
    return { events: this.events, output: made.join('|') };
  }

  #read(): void {
    for (let event = this.#isOver ? null : this.#driven.step(); event !== null; event = this.#driven.step()) {
      const last = this.events.at(-1);
      if (event.startsWith('+') && last?.startsWith('+')) this.events.splice(-1, 1, last + event.slice(1));
      else this.events.push(event);
      if (/^(Closed|Failed)/.test(event)) {
        this.#isOver = true;
        return;
      }
    }
  }
}

function transcript(role: Role, stream: Buffer, cuts: readonly number[]): Transcript {
  const drive = new Drive(role);
  const scratch = Buffer.alloc(stream.length + 8);
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    drive.lend(stream.subarray(at, at + cut), scratch);
    at = Math.min(at + cut, stream.length);
  }
  return drive.end();
}

describe('1. the engine imports no I/O', () => {
  it.each([
    ['@sluice/websocket', 'WebSocketEngine', '', frame({ opcode: opcodes.ping, payload: 'hi' }), [WebSocketEvent.Ping], ''],
    [
      '@sluice/http1',
      'Http1Engine',
      '',
      bytesOf('POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx'),
      [Http1Event.Head, Http1Event.Data, Http1Event.EndOfMessage],
      '',
    ],
    ['@sluice/command', 'CommandEngine', 'sendGreeting', bytesOf('PING\r\nSequence: 1\r\n\r\n'), [CommandEvent.Request], 'OK\r\n'],
  ])('%s: it works in a realm that has the language and nothing else', async (name, engine, greeting, bytes, events, output) => {
    const report = await inBareRealm(name, engine, bytes, greeting);
    expect(report.foreign).toEqual([]);
    expect(report.modules).toBeGreaterThan(10);
    expect(report.events).toEqual(events);
    expect(report.output).toBe(output);
  });

  it('and that realm would tell: a package with I/O does not get into it', async () => {
    const { foreign } = await inBareRealm('@sluice/transport-node', '', Buffer.alloc(0));
    expect(foreign.length).toBeGreaterThan(0);
    for (const name of foreign) expect(name).toMatch(/^node:/);
  });

  it.each(['websocket', 'http1', 'command', 'brigade', 'timing'])('@sluice/%s: depends on nothing outside of this workspace', (name) => {
    const path = fileURLToPath(new URL(`../../../libs/${name}/package.json`, import.meta.url));
    const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: Record<string, string> };
    expect(Object.keys(dependencies).filter((dependency) => !/^@sluice\/(brigade|timing)$/.test(dependency))).toEqual([]);
  });
});

describe('1. any chunking, one byte up, gives identical events', () => {
  it.each(roles)('%s', (role) => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    const seen = new Set<string>();
    fc.assert(
      fc.property(streamOf(role), cuts, (stream, pieces) => {
        const whole = transcript(role, stream, []);
        for (const event of whole.events) seen.add(event.split(' ')[0]!);
        expect(transcript(role, stream, pieces)).toEqual(whole);
        expect(transcript(role, stream, Array.from(stream, () => 1))).toEqual(whole);
      }),
      { numRuns: 150 },
    );
    // What was drawn was of all kinds.
    expect(seen.size).toBeGreaterThan(2);
    expect(seen).toContain('Failed');
  });
});

describe('2. driver calls: nothing is shared between connections', () => {
  it.each(roles)('%s: engines that are fed by turns, from one buffer, do what each does alone', (role) => {
    const turns = fc.array(fc.record({ which: fc.nat(2), bytes: fc.integer({ min: 1, max: 50 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.tuple(streamOf(role), streamOf(role), streamOf(role)), turns, (streams, schedule) => {
        const drives = streams.map(() => new Drive(role));
        const at = [0, 0, 0];
        const scratch = Buffer.alloc(Math.max(...streams.map(({ length }) => length)) + 8);
        const rest = streams.map(({ length }, which) => ({ which, bytes: length }));
        for (const { which, bytes } of [...schedule, ...rest]) {
          drives[which]!.lend(streams[which]!.subarray(at[which], at[which]! + bytes), scratch);
          at[which]! += bytes;
        }
        expect(drives.map((drive) => drive.end())).toEqual(streams.map((stream) => transcript(role, stream, [])));
      }),
      { numRuns: 60 },
    );
  });
});
