// `sluice sub TOPIC`: prints each message of a topic, or of a pattern of topics, as a line.

import { ClientRun } from '../client/client-run.ts';
import { processIo, type ClientIo } from '../client/client-io.ts';
import { printableLines } from '../client/printable.ts';
import { processRuntime, type ClientRuntime } from '../client/runtime.ts';
import { Subscriber, type SubscriberStart } from '../client/subscriber.ts';
import { linkConnector, type LinkOptions } from '../client/topic-link.ts';
import { maxPage, pageSize } from '../topics/history-page.ts';
import { clientHelp, countOf, readClientOptions, refuseOptions, type ClientOptions } from './client-options.ts';
import type { Host } from './host.ts';
import type { ExitStatus } from './run.ts';

export const subHelp = `usage: sluice sub TOPIC [FLAG…]

Prints each message as a line on standard output; on a terminal, totals and rates on standard error. * and > are wildcards. After a loss it
reconnects and resumes behind the last message, without loss as long as the gateway's history lasts; what is missing is said.

${clientHelp} [0]
  --since POS     Begin behind this position (EPOCH:OFFSET, as in an event's id) instead of now.
  --history N     Begin with the last N messages that the gateway has, 1 to 10,000.
  --count N       End after so many messages. [0, for no end]
  -h, --help      Print this.
`;

export async function sub(argv: readonly string[], host: Host, io: ClientIo = processIo(), given: ClientRuntime | null = null): Promise<ExitStatus> {
  const options = readClientOptions(argv, ['since', 'history', 'count'], 0, host);
  if (!('url' in options)) return refuseOptions(host, options);
  const [topic, ...extra] = options.positionals;
  if (topic === undefined || topic === '') return refuseOptions(host, [{ where: 'sluice sub', message: 'expected a topic' }]);
  if (extra.length > 0) return refuseOptions(host, [{ where: extra[0]!, message: 'unexpected argument' }]);
  const { since, history: historyText, count: countText } = options.own;
  const count = countOf(countText, 0);
  if (count === null) return refuseOptions(host, [{ where: '--count', message: `expected a whole number from 0, got ${JSON.stringify(countText)}` }]);
  const history = pageSize(historyText ?? null, 0);
  if (history === null) {
    const message = `expected a whole number from 1 to ${maxPage}, got ${JSON.stringify(historyText)}`;
    return refuseOptions(host, [{ where: '--history', message }]);
  }
  const own = given === null ? processRuntime() : null;
  try {
    return await subscribe(topic, { since: since ?? null, history }, count, options, io, given ?? own!);
  } finally {
    own?.close();
  }
}

async function subscribe(topic: string, start: SubscriberStart, count: number, { url, tls, token, retries }: ClientOptions, io: ClientIo, runtime: ClientRuntime): Promise<ExitStatus> {
  const { stdout, isOutTerminal } = io;
  let messages = 0;
  let bytes = 0;
  const run = new ClientRun({ io, runtime, verb: 'received', counts: () => ({ messages, bytes }), onInterrupt: () => 0 });
  const link: LinkOptions = { runtime, url, tls, token, topic, retries };
  const subscriber = new Subscriber(link, start, {
    onMessage(_topic, payload) {
      if (count > 0 && messages === count) return true;
      messages++;
      bytes += payload.length;
      run.beforeOutput();
      const line = lineOf(payload, isOutTerminal);
      if (messages !== count) return stdout.write(line);
      // It ends well only if this was written. An error is the run's to report.
      stdout.write(line, (error) => {
        if (error === undefined || error === null) run.finish();
      });
      return true;
    },
    onGap: (text) => run.say(text),
    onRejected: (text) => run.fail(text),
  });
  const onDrain = (): void => subscriber.resume();
  stdout.on('drain', onDrain);
  run.start(linkConnector(link, subscriber, run.observer), () => stdout.off('drain', onDrain));
  return run.ended;
}

/** A line in memory of its own: the payload was lent. On a terminal nothing in it is obeyed. */
function lineOf(payload: Uint8Array, isForTerminal: boolean): Buffer | string {
  if (!isForTerminal) return Buffer.concat([payload, Buffer.from('\n')]);
  return `${printableLines(Buffer.from(payload).toString())}\n`;
}
