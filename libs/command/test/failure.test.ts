import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failures, ProtocolFailure, UsageError } from '../src/index.ts';
import { textBytes } from '../src/line-text.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('failures', () => {
  it.each(Object.entries(failures))('%s has a sentence that can be sent, and a section that exists', (_code, { section, text }) => {
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(textBytes(text, 'the text')).toBe(text.length);
    expect(readme).toContain(`**${section}**`);
  });

  it('tells whose fault it is', () => {
    expect(new ProtocolFailure('bareLf')).toEqual({ fault: 'peer', code: 'bareLf', section: 'Lines', text: failures.bareLf.text });
    expect(new UsageError('x')).toMatchObject({ fault: 'caller', name: 'UsageError' });
  });

  it('README names no code that is not in the table', () => {
    const odd = readme.slice(readme.indexOf('## One answer'), readme.indexOf('## Example'));
    const codes = [...odd.matchAll(/\| `([a-zA-Z]+)`/g)].map((match) => match[1] ?? '');
    expect(codes.length).toBeGreaterThan(10);
    for (const code of codes) expect(Object.keys(failures)).toContain(code);
  });
});
