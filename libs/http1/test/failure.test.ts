// The table of failures: complete, documented, each reachable by some input.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type FailureCode, failures, ProtocolFailure, UsageError } from '../src/index.ts';

describe('failures', () => {
  const rows = Object.entries(failures);

  it.each(rows)('%s has a status and a section', (code, { status, section, text }) => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(section).toMatch(/^RFC \d{4} \d+(\.\d+)*$/);
    expect(text).toMatch(/^[A-Z1].*\.$/);
    expect(new ProtocolFailure(code as FailureCode, 'server')).toMatchObject({ fault: 'peer', code, status, section, message: text });
    expect(new ProtocolFailure(code as FailureCode, 'client').status).toBe(502);
  });

  it('are each provoked by a test of this lib', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.test.ts') && file !== 'failure.test.ts')
      .map((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8'))
      .join('\n');
    expect(rows.map(([code]) => code).filter((code) => !tests.includes(`'${code}'`))).toEqual([]);
  });

  it('are not exceptions; a mistake of the caller is one', () => {
    expect(new ProtocolFailure('bareLf', 'server')).not.toBeInstanceOf(Error);
    expect(new UsageError('x')).toMatchObject({ name: 'UsageError', fault: 'caller' });
  });
});
