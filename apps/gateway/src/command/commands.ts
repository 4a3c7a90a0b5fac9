// The commands, once: HELP, the checks of arguments and the dispatch all come from this table.

import type { RequestHead } from '@sluice/command';
import type { CommandConnection } from './command-connection.ts';

/** One request while it is being handled: `bytes[start, end)` is its body. */
export interface CommandRequest {
  readonly sequence: string;
  readonly args: readonly string[];
  readonly head: RequestHead;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface Command {
  readonly name: string;
  /** The arguments, as HELP shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly run: (connection: CommandConnection, request: CommandRequest) => void;
}

const anyNumber = Infinity;

const command = (name: string, usage: string, summary: string, minArgs: number, maxArgs: number, run: Command['run']): Command => ({
  name,
  usage,
  summary,
  minArgs,
  maxArgs,
  run,
});

export const commands: readonly Command[] = [
  command('PING', '', 'answers OK.', 0, 0, (connection, request) => connection.ping(request)),
  command('ECHO', '[text]', 'answers the text, or the body.', 0, anyNumber, (connection, request) => connection.echo(request)),
  command('PUBLISH', 'topic', 'publishes the body (Size); answers its offset and epoch.', 1, 1, (connection, request) => connection.publish(request)),
  command('SUBSCRIBE', 'topic', 'sends what is published as MSG; * and > are wildcards. Since: epoch:offset resumes; History: n begins with the last n.', 1, 1, (connection, request) =>
    connection.subscribe(request),
  ),
  command('UNSUBSCRIBE', 'topic', 'ends a subscription.', 1, 1, (connection, request) => connection.unsubscribe(request)),
  command('HISTORY', 'topic', 'answers what the topic has kept. Limit: n, Since: epoch:offset.', 1, 1, (connection, request) =>
    connection.history(request),
  ),
  command('PRESENCE', 'topic', 'answers who is subscribed. Limit: n.', 1, 1, (connection, request) => connection.presence(request)),
  command('REMIND', 'seconds [text]', 'answers the text after so many seconds, which may be a fraction.', 1, anyNumber, (connection, request) =>
    connection.remind(request),
  ),
  command('HELP', '', 'answers this.', 0, 0, (connection, request) => connection.help(request)),
  command('QUIT', '', 'answers OK and ends the connection.', 0, 0, (connection, request) => connection.quit(request)),
];

const byName: ReadonlyMap<string, Command> = new Map(commands.map((one) => [one.name, one]));

/** Undefined for an unknown one. Commands are in capital letters. */
export function commandOf(name: string): Command | undefined {
  return byName.get(name);
}

export function usageOf({ name, usage }: Command): string {
  return usage === '' ? name : `${name} ${usage}`;
}

export function helpText(): string {
  const width = Math.max(...commands.map((one) => usageOf(one).length));
  return commands.map((one) => `${usageOf(one).padEnd(width)}  ${one.summary}\n`).join('');
}
