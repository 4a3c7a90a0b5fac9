// Which addresses speak TLS: those of `https`, and those of `http` when there is a certificate and no `https`. So one certificate
// makes a gateway secure, and clear text beside TLS has to be asked for.

import type { GatewayConfig } from './gateway-config.ts';

/** Files of a certificate and its key, and where the configuration has them. */
export interface IdentityFiles {
  readonly cert: string;
  readonly key: string;
  /** The setting to be named for each, and what stands behind it: `[1].cert`. */
  readonly certPlace: readonly [path: string, inside: string];
  readonly keyPlace: readonly [path: string, inside: string];
}

export interface ListenerAddresses {
  readonly clear: readonly string[];
  readonly secure: readonly string[];
}

/** Every certificate of the configuration, the default first. */
export function identityFiles({ tls }: GatewayConfig): IdentityFiles[] {
  const further = tls.certificates.map(({ cert, key }, index): IdentityFiles => {
    const place = (inside: string) => ['tls.certificates', `[${index}].${inside}`] as const;
    return { cert, key, certPlace: place('cert'), keyPlace: place('key') };
  });
  const { cert, key } = tls;
  if (cert === null || key === null) return further;
  return [{ cert, key, certPlace: ['tls.cert', ''], keyPlace: ['tls.key', ''] }, ...further];
}

export function hasCertificate({ tls }: GatewayConfig): boolean {
  return tls.certificates.length > 0 || (tls.cert !== null && tls.key !== null);
}

/** Where topics and files are served. */
export function listenerAddresses(config: GatewayConfig): ListenerAddresses {
  const { http, https } = config;
  if (https.length > 0) return { clear: http, secure: https };
  return hasCertificate(config) ? { clear: [], secure: http } : { clear: http, secure: [] };
}

/** Clients of the secure addresses have shown a certificate that leads to one of ours. */
export function asksForCertificates(config: GatewayConfig): boolean {
  return config.tls.clientCertificate === 'require' && hasCertificate(config);
}
