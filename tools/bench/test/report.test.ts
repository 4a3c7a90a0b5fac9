import { describe, expect, it } from 'vitest';
import { formatFigure, ratioOf, toMarkdown, toText, type BenchResult, type Cells } from '../src/report.ts';
import { rows, type Row } from '../src/rows.ts';

const cell = (...values: number[]): Cells[keyof Cells] & object => ({
  samples: values.map((value) => ({ value, generatorUs: 3, messages: 10 })),
  problem: null,
});
const rowNamed = (name: string): Row => rows.find((row) => row.name === name) as Row;
const result: BenchResult = {
  date: '2026-01-02',
  machine: '2 × Test',
  pace: '3 rounds of 1 ms',
  versions: { gateway: '0.1.0', nginx: '(not installed)' },
  rows: [
    { row: rowNamed('echo-64'), cells: { gateway: cell(4, 5, 6), ws: cell(10, 10, 10) } },
    { row: rowNamed('fanout-1000'), cells: { gateway: cell(6), ws: cell(6) } },
    { row: rowNamed('fanout-15000'), cells: { gateway: cell(9) } },
    { row: rowNamed('static-1m'), cells: { gateway: cell(150), nginx: { samples: [], problem: 'would not start' } } },
    { row: rowNamed('idle'), cells: { gateway: cell(5500), ws: cell(7000) } },
  ],
};
const lineOf = (text: string, start: string): string => text.split('\n').find((line) => line.startsWith(start)) ?? '';

describe('figures', () => {
  it.each([
    [0.456, '0.46'],
    [9.999, '10.00'],
    [12.34, '12.3'],
    [6989.4, '6,989'],
  ])('%f reads %s', (value, text) => expect(formatFigure(value)).toBe(text));
});

describe('the table', () => {
  const text = toText(result);

  it('shows medians with their spread, ratios, and whether a target is met', () => {
    const line = lineOf(text, 'echo 64 B, 50');
    expect(line).toContain('5.00 ±20%');
    expect(line).toContain('0.50 ws');
    expect(line).toContain('≤ 0.85 of ws: 0.50 met');
  });

  it('compares to another row, and to a fixed limit', () => {
    expect(lineOf(text, 'fan-out 64 B to 15,000')).toContain('≤ 1.3 of fanout-1000: 1.50 MISSED');
    expect(lineOf(text, 'fan-out 64 B to 1,000 ')).toContain('≤ 0.85 of ws: 1.000 MISSED');
    expect(lineOf(text, 'RSS')).toContain('≤ 6,000: 5,500 met');
  });

  it('says what could not be measured and why', () => {
    expect(lineOf(text, 'static file of 1 MiB')).toContain('≤ 1 of nginx: not measured');
    expect(text).toContain('static-1m at nginx: would not start');
    expect(text).toContain('nginx (not installed)');
    expect(text).toContain('without bufferutil');
    expect(text).toContain('2026-01-02 · 2 × Test · 3 rounds of 1 ms');
  });

  it('has columns that line up', () => {
    const [head = '', , ...lines] = text.split('\n').slice(0, 7);
    for (const line of lines) expect(line.slice(0, head.indexOf('unit'))).toMatch(/ {2}$/);
  });

  it('has a Markdown form', () => {
    const lines = toMarkdown(result).split('\n');
    const columns = lines[0]?.split('|').length;
    expect(lines[1]).toMatch(/^\|( --- \|)+$/);
    for (const line of lines.slice(0, 7)) expect(line.split('|')).toHaveLength(columns ?? 0);
    expect(lines.at(-1)).toMatch(/^\* static-1m/);
  });
});

describe('ratios', () => {
  it('are of rounds side by side, and exact where they are close to one', () => {
    const drifting: BenchResult = {
      ...result,
      rows: [{ row: rowNamed('inspect-watched'), cells: { gateway: cell(10.2, 5.1, 20.2), unwatched: cell(10, 5, 20) } }],
    };
    const line = lineOf(toText(drifting), 'fan-out 64 B to 12,000');
    expect(line).toContain('1.020 unwatched');
    expect(line).toContain('≤ 1.03 of unwatched: 1.020 met');
    expect(toText(drifting)).not.toContain('nginx  ');
  });

  it('are unknown without the gateway', () => {
    const goal = { against: { server: 'ws' }, max: 1 } as const;
    expect(ratioOf(goal, { ws: cell(1) }, result)).toBe(null);
    expect(ratioOf(goal, { gateway: cell(1) }, result)).toBe(null);
  });
});
