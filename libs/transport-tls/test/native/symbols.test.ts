import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Ffi, loadFfi, openSymbols } from '../../src/native/symbols.ts';

const ffi = loadFfi();

describe.runIf(ffi !== null)('symbols', () => {
  it("are those of node's own OpenSSL", () => {
    const { ssl } = openSymbols(ffi as Ffi);
    expect(String(ssl.OPENSSL_version_major())).toBe(process.versions.openssl.split('.')[0]);
  });

  it('say which one is missing', () => {
    const without = {
      dlopen: (path: string | null, definitions: Record<string, unknown>) => (ffi as Ffi).dlopen(path, { ...definitions, SSL_no_such_function: {} }),
    } as unknown as Ffi;
    expect(() => openSymbols(without)).toThrow('SSL_no_such_function');
  });

  it('are loaded without a warning, and leave warnings as they were', () => {
    const module = new URL('../../src/native/symbols.ts', import.meta.url).href;
    const script = `const { loadFfi } = await import(${JSON.stringify(module)});
      if (loadFfi() === null) throw new Error('none');
      process.on('warning', (warning) => console.log(warning.message));
      process.emitWarning('still heard');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(output).toBe('still heard\n');
  });
});
