import { describe, expect, it } from 'vitest';
import { processHost } from '../../src/cli/index.ts';

describe('the process as a host', () => {
  it('knows its version, arguments and files', () => {
    const host = processHost();
    expect(host.version()).toMatch(/^\d+\.\d+\.\d+ \(Node \d+\.\d+\.\d+\)$/);
    expect(host.argv).toEqual(process.argv.slice(2));
    expect(host.columns).toBeGreaterThan(0);
    expect(host.readFile(new URL(import.meta.url).pathname)).toContain('knows its version');
    expect(() => host.readFile('/nowhere/at/all')).toThrow('ENOENT');
    expect(host.directoryProblem('/nowhere/at/all')).toBe('does not exist');
  });
});
