import { expect, it } from 'vitest';
import { FailureLog } from '../../src/log/failure-log.ts';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import { endOfTurn, LineReader } from './lines.ts';

it('logs each kind once with its stack, then at most once a minute with how often', async () => {
  const reader = new LineReader();
  let nowMs = 0;
  const failures = new FailureLog(new Log(new LineWriter(reader, 100_000), 'info'), () => nowMs);
  const fail = (): void => failures.report('a timer', new Error('no descriptor'));
  for (let count = 0; count < 100; count++) fail();
  failures.report('a timer', 'something else');
  nowMs = 60_000;
  fail();
  await endOfTurn();
  expect(reader.lines).toMatchObject([
    { log: 'error', message: 'a timer failed', error: expect.stringMatching(/^Error: no descriptor\n +at /) as string },
    { message: 'a timer failed', error: 'something else' },
    { message: 'a timer failed', repeated: 99 },
  ]);
});

it('tells no more than 64 kinds apart', async () => {
  const reader = new LineReader();
  const failures = new FailureLog(new Log(new LineWriter(reader, 1_000_000), 'info'), () => 0);
  for (let kind = 0; kind < 1000; kind++) failures.report('a timer', `kind ${kind}`);
  await endOfTurn();
  expect(reader.lines.length).toBe(65);
});

it.each<[string, unknown]>([
  ['nothing', null],
  ['an object without a prototype', Object.create(null)],
  ['a symbol', Symbol('x')],
  ['an error whose stack is no text', Object.assign(new Error('x'), { stack: 7 })],
])('takes whatever was thrown: %s', async (_what, thrown) => {
  const reader = new LineReader();
  const failures = new FailureLog(new Log(new LineWriter(reader, 100_000), 'info'), () => 0);
  failures.report('a timer', thrown);
  await endOfTurn();
  expect(reader.lines).toMatchObject([{ message: 'a timer failed', error: expect.any(String) as string }]);
});
