import { expect, it } from 'vitest';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import { RefusedConnections } from '../../src/proxy-protocol/refusals.ts';
import { endOfTurn, LineReader } from '../log/lines.ts';

it('the first is logged, those of the next ten seconds are counted in the line after', async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs };
  const reader = new LineReader();
  const refused = new RefusedConnections(new Log(new LineWriter(reader, 10_000), 'info'), clock);
  const add = (): void => refused.add('127.0.0.1:8443', { host: '198.51.100.1', port: 1 }, 'it is none of trustedProxies');
  for (let i = 0; i < 4; i++) add();
  nowMs = 10_000;
  add();
  await endOfTurn();
  const line = { log: 'warn', message: 'a connection without a valid PROXY header was closed', address: '127.0.0.1:8443', peer: '198.51.100.1', reason: 'it is none of trustedProxies' };
  expect(reader.lines).toMatchObject([line, { ...line, othersSince: 3 }]);
});
