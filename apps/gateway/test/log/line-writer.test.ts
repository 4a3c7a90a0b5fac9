import { describe, expect, it } from 'vitest';
import { LineWriter } from '../../src/log/line-writer.ts';
import { endOfTurn, LineReader } from './lines.ts';

describe('LineWriter', () => {
  it('writes the lines of one turn at once, and never inside the call', async () => {
    const reader = new LineReader();
    const writer = new LineWriter(reader, 1000);
    writer.write({ a: 1 });
    writer.write({ b: 'x\ny' });
    expect(reader.writes).toEqual([]);
    await endOfTurn();
    expect(reader.writes).toEqual(['{"a":1}\n{"b":"x\\ny"}\n']);
    writer.write({ c: 3 });
    await endOfTurn();
    expect(reader.writes.slice(1)).toEqual(['{"c":3}\n']);
  });

  it('writes what is left when asked to, once', async () => {
    const reader = new LineReader();
    const writer = new LineWriter(reader, 1000);
    writer.write({ a: 1 });
    writer.flush();
    await endOfTurn();
    expect(reader.writes).toEqual(['{"a":1}\n']);
  });

  it('drops lines beyond the bound while nobody reads, and says how many', async () => {
    const reader = new LineReader();
    reader.isSlow = true;
    const line = { n: 'x'.repeat(90) };
    const writer = new LineWriter(reader, 350);
    for (let turn = 0; turn < 10; turn++) {
      writer.write(line);
      await endOfTurn();
      expect(reader.writableLength).toBeLessThanOrEqual(350);
    }
    reader.isSlow = false;
    reader.take();
    await endOfTurn();
    writer.write({ last: true });
    await endOfTurn();
    expect(reader.lines.slice(0, -1)).toEqual([line, line, line, { last: true }]);
    expect(reader.lines.at(-1)).toMatchObject({ log: 'dropped', lines: 7 });
    writer.write({ again: true });
    await endOfTurn();
    expect(reader.lines.at(-1)).toEqual({ again: true });
  });

  it('counts what waits for the end of the turn too', async () => {
    const reader = new LineReader();
    const writer = new LineWriter(reader, 20);
    for (let i = 0; i < 5; i++) writer.write({ n: i });
    await endOfTurn();
    expect(reader.lines.map(({ n, lines }) => n ?? `dropped ${lines}`)).toEqual([0, 1, 'dropped 3']);
  });

  it('lives on when its reader is gone', async () => {
    const reader = new LineReader();
    const writer = new LineWriter(reader, 1000);
    reader.destroy(new Error('EPIPE'));
    await endOfTurn();
    writer.write({ a: 1 });
    await endOfTurn();
    expect(reader.writes).toEqual([]);
  });
});
