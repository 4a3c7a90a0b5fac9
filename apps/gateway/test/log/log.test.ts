import { describe, expect, it } from 'vitest';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log, type LogLevel } from '../../src/log/log.ts';
import { LineReader } from './lines.ts';

function logged(least: LogLevel): Record<string, unknown>[] {
  const reader = new LineReader();
  const writer = new LineWriter(reader, 10_000);
  const log = new Log(writer, least);
  log.debug('zero');
  log.info('one', { connections: 3 });
  log.warn('two');
  log.error('three', { error: 'what' });
  writer.flush();
  return reader.lines;
}

describe('Log', () => {
  it('has time, level, message and details in each line', () => {
    const [first] = logged('info');
    expect(first).toEqual({ time: expect.any(String), log: 'info', message: 'one', connections: 3 });
    expect(Math.abs(Date.now() - Date.parse(first!['time'] as string))).toBeLessThan(60_000);
  });

  it.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['off', []],
  ])('%s lets through %j', (least, levels) => {
    expect(logged(least).map(({ log }) => log)).toEqual(levels);
  });
});
