import { expect, it } from 'vitest';
import { proxyDoubts } from '../../src/client-address/proxy-doubts.ts';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import { endOfTurn, LineReader } from '../log/lines.ts';

it('say what to set, and where', async () => {
  const reader = new LineReader();
  const doubts = proxyDoubts(new Log(new LineWriter(reader, 10_000), 'info'));
  doubts.onUnlisted('127.0.0.1', 'x-forwarded-for');
  doubts.onSilent('10.0.0.1', 'forwarded');
  await endOfTurn();
  expect(reader.lines).toMatchObject([
    { log: 'warn', peer: '127.0.0.1', message: 'a request came with x-forwarded-for from a peer that is not in trustedProxies' },
    { log: 'info', peer: '10.0.0.1', remedy: "if that is the proxy's, let it set forwarded" },
  ]);
});
