import { describe, expect, it } from 'vitest';
import { replay } from '../../src/cli/replay.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { bodyOf, newest } from '../inspection/admin-client.ts';
import { makeConsole } from './admin-stub.ts';

/** The recording of a connection that was drained, as the gateway exports it. */
async function recorded(): Promise<string> {
  const running = await GatewayInMemory.start();
  running.connect().upgrade('/topics/a');
  const { id } = newest(running);
  newest(running).drain();
  running.pass(60_000);
  const text = bodyOf(running.connectAdmin().request(`GET /inspection/recordings/${id}`));
  await running.stop();
  return text;
}

function replaying(text: string) {
  const console = makeConsole(false, {}, { 'recording.json': text });
  const status = replay(['recording.json'], console.host);
  return { status, lines: console.out.lines, errors: console.errors.join('') };
}

describe('sluice replay', () => {
  it('ends with 0 for what the gateway of today has exported', async () => {
    const { status, lines } = replaying(await recorded());
    expect([status, lines]).toEqual([0, [expect.stringMatching(/^connection:\d+: the same, \d+ steps$/)]]);
  });

  it('ends with 1, and says where, for a chart that does something else today', async () => {
    const { status, lines } = replaying((await recorded()).replace('"event":"DRAIN"', '"event":"FAIL"').replace(/"chartHash":"[^"]*"/, '"chartHash":"other"'));
    expect(status).toBe(1);
    expect(lines[0]).toMatch(/: differs at step 2, \d+ ms after it was opened; the chart connection has changed since$/);
    expect(lines.slice(1)).toEqual([
      '  event     FAIL',
      '  in        established(inbound.flowing outbound.clear)',
      '  recorded  draining.finishing',
      '  here      writeAndAbort.flushing',
    ]);
  });

  it('names a chart, and a state, that there is not any more', async () => {
    const text = await recorded();
    expect(replaying(text.replace('"chart":"connection"', '"chart":"other\\u001b"'))).toMatchObject({ status: 1, lines: [expect.stringContaining('there is no chart other\ufffd here')] });
    const { status, lines } = replaying(text.replace('"start":"handshake"', '"start":"greeting"'));
    expect([status, lines[0], lines.at(-1)]).toEqual([1, expect.stringContaining('differs where it begins'), '  here      no such state']);
  });

  it.each([
    ['no JSON', '{', /^recording\.json: not JSON/],
    ['no recording', '{}', /format: is missing/],
    ['an event that none can be', '{"format":"sluice.recording","version":1,"takenAtMs":0,"actors":[{"sessionId":"s","chart":"connection","chartHash":"","start":"handshake","lostSteps":0,"steps":[{"atMs":0,"event":"*","state":"handshake"}],"ending":null}]}', /steps\[0\]\.event: /],
    ['a later version', '{"format":"sluice.recording","version":2,"actors":[],"takenAtMs":0}', /version/],
  ])('ends with 2 for %s', (_what, text, message) => {
    expect(replaying(text)).toMatchObject({ status: 2, errors: expect.stringMatching(message) as string });
  });

  it.each(['{"format":"\\u001b[2J"}', '\u001b[2J', '\u009b2J{'])('obeys nothing of a file that is no recording: %j', (text) => {
    const { status, errors } = replaying(text);
    expect([status, errors.includes('\u001b'), errors.includes('\u009b')]).toEqual([2, false, false]);
  });

  it.each([[[]], [['a', 'b']], [['--help']], [['missing.json']]])('ends with 2 for %j', (argv) => {
    expect(replay(argv, makeConsole(false, {}, { a: '{}' }).host)).toBe(2);
  });
});
