// Whom a client command trusts without `--ca`: Node's own roots and those of the system.

// As a namespace: a named import that an older Node lacks keeps the whole module from loading.
import * as tls from 'node:tls';

/** Where distributions keep the system's roots as one file, for a Node that cannot ask for them (before 22.15). */
const systemFiles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

/** Certificates in PEM. `readFile` throws where there is no such file. */
export function trustedRoots(readFile: (path: string) => string, ask: typeof tls.getCACertificates | null = (tls.getCACertificates as typeof tls.getCACertificates | undefined) ?? null): readonly string[] {
  if (ask !== null) return [...new Set([...ask('default'), ...ask('system')])];
  for (const path of systemFiles) {
    try {
      return [...tls.rootCertificates, readFile(path)];
    } catch {
      // Then perhaps the next.
    }
  }
  return tls.rootCertificates;
}
