import { describe, expect, it } from 'vitest';
import { countOf, readClientOptions } from '../../src/cli/client-options.ts';
import type { Host } from '../../src/cli/host.ts';

const host = (env: Record<string, string> = {}, files: Record<string, string> = {}): Host => ({
  argv: [],
  env,
  directoryProblem: () => null,
  readFile: (path) => {
    if (!Object.hasOwn(files, path)) throw new Error(`ENOENT: ${path}`);
    return files[path]!;
  },
  columns: 80,
  version: () => '',
  print() {},
  printError() {},
});

describe("a client's options", () => {
  it('have defaults', () => {
    expect(readClientOptions(['news'], [], 7, host())).toMatchObject({ url: { protocol: 'websocket', host: '127.0.0.1', port: 8080 }, tls: {}, token: null, retries: 7, positionals: ['news'] });
  });

  it('take a token from the flag, then from the environment', () => {
    expect(readClientOptions([], [], 0, host({ SLUICE_TOKEN: 'env' }))).toMatchObject({ token: 'env' });
    expect(readClientOptions(['--token', 'flag'], [], 0, host({ SLUICE_TOKEN: 'env' }))).toMatchObject({ token: 'flag' });
    expect(readClientOptions([], [], 0, host({ SLUICE_TOKEN: '' }))).toMatchObject({ token: null });
  });

  it('read certificates from files', () => {
    const files = { 'ca.pem': 'CA', 'me.pem': 'ME', 'me.key': 'KEY' };
    const read = readClientOptions(['--ca', 'ca.pem', '--cert', 'me.pem', '--key', 'me.key'], [], 0, host({}, files));
    expect(read).toMatchObject({ tls: { ca: 'CA', identity: { certificate: 'ME', key: 'KEY' } } });
  });

  it('name everything that is wrong at once', () => {
    const problems = readClientOptions(['--url', 'gopher://x', '--retries', 'x', '--cert', 'none.pem'], [], 0, host());
    expect(problems).toMatchObject([{ where: '--url' }, { where: '--retries' }, { where: '--cert', message: 'ENOENT: none.pem' }, { where: '--cert', message: 'a certificate and its key are given together' }]);
  });

  it('keep the flags of a command apart, and know no others', () => {
    expect(readClientOptions(['--since', 'a:1'], ['since'], 0, host())).toMatchObject({ own: { since: 'a:1' } });
    expect(readClientOptions(['--since', 'a:1'], [], 0, host())).toMatchObject([{ where: 'sluice' }]);
  });

  it('count in whole numbers', () => {
    expect(['0', '12', '-1', '1.5', '1e3', '', '9999999999'].map((text) => countOf(text, 5))).toEqual([0, 12, null, null, null, null, null]);
    expect(countOf(undefined, 5)).toBe(5);
  });
});
