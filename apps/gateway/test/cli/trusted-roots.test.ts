import * as tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { trustedRoots } from '../../src/cli/trusted-roots.ts';

const none = (path: string): string => {
  throw new Error(`no ${path}`);
};

describe('trusted roots', () => {
  it("are Node's and the system's, each once", () => {
    const ask = ((kind: string) => (kind === 'default' ? ['one', 'two'] : ['two', 'three'])) as typeof tls.getCACertificates;
    expect(trustedRoots(none, ask)).toEqual(['one', 'two', 'three']);
  });

  it("on a Node that does not tell are its own and the first of the system's files", () => {
    const readFile = (path: string): string => (path === '/etc/pki/tls/certs/ca-bundle.crt' ? 'system' : none(path));
    expect(trustedRoots(readFile, null)).toEqual([...tls.rootCertificates, 'system']);
  });
});
