import { describe, expect, it } from 'vitest';
import { CommandClientSession, type CommandClientHandler } from '../src/index.ts';
import { stage } from './support/stage.ts';

function open() {
  const events: string[] = [];
  const text = (bytes: Uint8Array, start: number, end: number): string => Buffer.from(bytes.subarray(start, end)).toString();
  const handler: CommandClientHandler = {
    onOpen: () => void events.push('open'),
    onPublication: (session, publication, bytes, start, end) => {
      const body = text(bytes, start, end);
      events.push(`${publication.topic} ${publication.offset} ${body}`);
      if (body === 'enough') session.pause();
    },
    onGap: (_session, gap) => void events.push(`gap ${gap.topic}`),
    onWritable() {},
    onClose: (_session, reason) => void events.push(`close ${reason}`),
  };
  const staged = stage({ session: (pool) => new CommandClientSession({ pool, idleTimeoutMs: 1000 }, handler) });
  const ask = (command: string, ...args: string[]): string =>
    staged.session.request(command, args, (reply, bytes, start, end) => void events.push(`${command}: ${reply === null ? 'lost' : text(bytes, start, end) || reply.text}`));
  return { ...staged, events, ask };
}

const publication = (offset: number, body: string): string => `MSG news\r\nOffset: ${offset}\r\nSize: ${body.length}\r\n\r\n${body}`;

describe('the client of a command connection', () => {
  it('is established by the greeting', () => {
    const { endpoint, connection, events } = open();
    expect(connection.state.phase).toBe('handshake');
    endpoint.arrive('O');
    endpoint.arrive('K\r\n');
    expect(connection.state.phase).toBe('established');
    expect(events).toEqual(['open']);
  });

  it('brings each reply to its request, and publications to the handler', () => {
    const { endpoint, events, ask, turn } = open();
    endpoint.arrive('OK\r\n');
    const first = ask('ECHO', 'a');
    const second = ask('PING');
    turn();
    expect(endpoint.sent).toContain(`ECHO a\r\nSequence: ${first}\r\n`);
    endpoint.arrive(`OK\r\nSequence: ${second}\r\nSize: 4\r\n\r\nPONG${publication(7, 'hello')}OK\r\nSequence: ${first}\r\nSize: 1\r\n\r\na`);
    expect(events).toEqual(['open', 'PING: PONG', 'news 7 hello', 'ECHO: a']);
  });

  it('reads no further while the handler has paused', () => {
    const { endpoint, events, session } = open();
    endpoint.arrive(`OK\r\n${publication(1, 'enough')}`);
    expect(endpoint.reading).toBe(false);
    session.resume();
    expect(endpoint.reading).toBe(true);
    endpoint.arrive(publication(2, 'more'));
    expect(events).toEqual(['open', 'news 1 enough', 'news 2 more']);
  });

  it("takes the server's ERR for a refusal: for good where it is about the certificate", () => {
    const untrusted = open();
    untrusted.endpoint.arrive('ERR: Certificate expired\r\n');
    untrusted.turn();
    untrusted.endpoint.end();
    expect(untrusted.session.refusal).toEqual({ text: 'the server refused: Certificate expired', status: null, permanent: true });
    expect(untrusted.events).toEqual(['close refused']);
    const full = open();
    full.endpoint.arrive('ERR: There are more connections than this server holds.\r\n');
    expect(full.session.refusal?.permanent).toBe(false);
    for (const [text, permanent] of [
      ['The message is too large.', true],
      ['Messages were not taken fast enough.', false],
    ] as const) {
      const opened = open();
      opened.endpoint.arrive(`OK\r\nERR: ${text}\r\n\r\n`);
      expect(opened.session.refusal).toEqual({ text: `the server refused: ${text}`, status: null, permanent });
    }
  });

  it('hears of a goodbye, and when to come back', () => {
    const { endpoint, events, ask, session, turn } = open();
    endpoint.arrive('OK\r\n');
    ask('PING');
    turn();
    endpoint.arrive('BYE: going down\r\nRetry-After-Ms: 1500\r\n\r\n');
    endpoint.end();
    turn();
    expect(session.retryAfterMs).toBe(1500);
    expect(events).toEqual(['open', 'PING: lost', 'close peerClosed']);
  });

  it('waits for the last reply when it is drained, paused or not', () => {
    const { endpoint, events, ask, session, connection, turn } = open();
    endpoint.arrive('OK\r\n');
    const sequence = ask('PING');
    turn();
    session.pause();
    connection.finish('served');
    turn();
    expect(endpoint.isShutdown).toBe(false);
    endpoint.arrive(`OK\r\nSequence: ${sequence}\r\nSize: 4\r\n\r\nPONG`);
    turn();
    expect(endpoint.isShutdown).toBe(true);
    endpoint.end();
    expect(events).toEqual(['open', 'PING: PONG', 'close served']);
  });

  it('asks a silent server for a sign of life, and gives it up without one', () => {
    const { endpoint, clock, events, connection, turn } = open();
    endpoint.arrive('OK\r\n');
    clock.advanceBy(1010);
    turn();
    expect(endpoint.sent).toMatch(/^PING\r\n/);
    expect(connection.state.phase).toBe('established');
    clock.advanceBy(1010);
    expect(connection.state.phase).not.toBe('established');
    clock.advanceBy(20_000);
    expect(events).toEqual(['open', 'close idleTimeout']);
  });

  it.each(['missingGreeting', 'reset'])('tells every request when the connection is gone: %s', (how) => {
    const { endpoint, events, ask, turn, pool, wheel } = open();
    if (how === 'reset') endpoint.arrive('OK\r\n');
    ask('PING');
    turn();
    if (how === 'reset') endpoint.gone();
    else endpoint.end();
    turn();
    if (how !== 'reset') endpoint.gone();
    expect(events.slice(-2)).toEqual(['PING: lost', `close ${how === 'reset' ? 'peerClosed' : 'truncated'}`]);
    expect(wheel.size).toBe(0);
    expect(pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
  });
});
