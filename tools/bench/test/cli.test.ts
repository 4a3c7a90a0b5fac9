import { describe, expect, it } from 'vitest';
import { parseCli } from '../src/cli.ts';

const rows = ['echo-64', 'idle', 'publish'];

describe('the command line', () => {
  it('runs everything by default', () => {
    expect(parseCli([], rows)).toEqual({ quick: false, only: [], json: null, markdown: false, help: false });
  });

  it('takes every option', () => {
    expect(parseCli(['--quick', '--only', 'idle,echo-64', '--only=publish', '--json', 'a.json', '--markdown'], rows)).toEqual({
      quick: true,
      only: ['idle', 'echo-64', 'publish'],
      json: 'a.json',
      markdown: true,
      help: false,
    });
  });

  it.each([
    [['--only', 'nothing'], 'no row is called nothing; there are echo-64, idle, publish'],
    [['--fast'], '--fast'],
    [['--json'], '--json'],
    [['idle'], 'idle'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCli(args, rows)).toThrow(message);
  });
});
