import { describe, expect, it } from 'vitest';
import { commandOf, commands, helpText, usageOf } from '../../src/command/commands.ts';

describe('The commands', () => {
  it('are these', () => {
    expect(commands.map(({ name }) => name)).toEqual([
      'PING', 'ECHO', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'HISTORY', 'PRESENCE', 'REMIND', 'HELP', 'QUIT',
    ]);
  });

  it('are found by their names, and nothing else is', () => {
    for (const command of commands) expect(commandOf(command.name)).toBe(command);
    expect(['ping', 'PIN', '', 'constructor', '__proto__'].map(commandOf)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('have one line each in the help, summaries below one another', () => {
    const lines = helpText().trimEnd().split('\n');
    expect(lines).toHaveLength(commands.length);
    const columns = commands.map((command, at) => lines[at]!.indexOf(command.summary));
    expect(new Set(columns).size).toBe(1);
    commands.forEach((command, at) => expect(lines[at]!.startsWith(`${usageOf(command)} `)).toBe(true));
  });
});
