// `sluice pub TOPIC [MESSAGE]`: publishes one message, or each line of standard input as one.

import { hasWildcard } from '@sluice/hub';
import { ClientRun } from '../client/client-run.ts';
import { processIo, type ClientIo } from '../client/client-io.ts';
import { LineSource } from '../client/line-source.ts';
import { Outbox } from '../client/outbox.ts';
import { Publisher } from '../client/publisher.ts';
import { processRuntime, type ClientRuntime } from '../client/runtime.ts';
import { linkConnector, type LinkOptions } from '../client/topic-link.ts';
import { clientHelp, readClientOptions, refuseOptions, type ClientOptions } from './client-options.ts';
import type { Host } from './host.ts';
import type { ExitStatus } from './run.ts';

export const pubHelp = `usage: sluice pub TOPIC [MESSAGE] [FLAG…]

Publishes the message, or without one each line of standard input. Ends when the gateway has confirmed everything: 0 then, 1 when something
did not arrive. After a loss it reconnects and sends again what was not confirmed, so a message may arrive twice, but none is lost.

${clientHelp} [10]
  -h, --help      Print this.
`;

const defaultRetries = 10;
/** Lines beyond this are no messages: no gateway takes them. */
const maxLineBytes = 16 * 1024 * 1024;

export async function pub(argv: readonly string[], host: Host, io: ClientIo = processIo(), given: ClientRuntime | null = null): Promise<ExitStatus> {
  const options = readClientOptions(argv, [], defaultRetries, host);
  if (!('url' in options)) return refuseOptions(host, options);
  const [topic, message, ...extra] = options.positionals;
  if (topic === undefined || topic === '') return refuseOptions(host, [{ where: 'sluice pub', message: 'expected a topic' }]);
  if (hasWildcard(topic)) return refuseOptions(host, [{ where: 'sluice pub', message: `expected one topic to publish to, got the pattern ${JSON.stringify(topic)}` }]);
  if (extra.length > 0) return refuseOptions(host, [{ where: extra[0]!, message: 'unexpected argument; a message of several words stands in quotes' }]);
  const own = given === null ? processRuntime() : null;
  try {
    return await publish(topic, message ?? null, options, io, given ?? own!);
  } finally {
    own?.close();
  }
}

function publish(topic: string, message: string | null, { url, tls, token, retries }: ClientOptions, io: ClientIo, runtime: ClientRuntime): Promise<ExitStatus> {
  const outbox = new Outbox();
  const link: LinkOptions = { runtime, url, tls, token, topic, retries };
  let hasAll = message !== null;
  const run = new ClientRun({
    io,
    runtime,
    verb: 'sent',
    counts: () => ({ messages: outbox.confirmedMessages, bytes: outbox.confirmedBytes }),
    onInterrupt: () => (outbox.size > 0 || !hasAll ? 1 : 0),
  });
  const publisher = new Publisher(link, outbox, {
    onConfirmed() {
      if (!outbox.isFull) lines?.resume();
      settle();
    },
    onRejected: (text) => run.fail(text),
  });
  const settle = (): void => {
    if (hasAll && outbox.size === 0) run.finish();
  };
  let lines: LineSource | null = null;
  const connector = linkConnector(link, publisher, run.observer);
  run.start(connector, () => lines?.close());
  if (message !== null) {
    outbox.add(Buffer.from(message));
    publisher.pump();
  } else {
    lines = new LineSource(io.stdin, maxLineBytes, {
      onLine(bytes) {
        outbox.add(bytes);
        publisher.pump();
        return !outbox.isFull;
      },
      onEnd() {
        hasAll = true;
        settle();
      },
      onError: (text) => run.fail(text),
    });
  }
  return run.ended;
}
