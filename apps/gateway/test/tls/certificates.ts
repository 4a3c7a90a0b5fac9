// A CA and what it issues, as files that settings can name.

import { Issuer, makeAuthority, type MadeCertificate } from '../../src/cli/cert-maker.ts';

export interface IssuedFiles {
  readonly issuer: Issuer;
  readonly root: MadeCertificate;
  /** `ca.pem`, `ca.key`, and what `add` added: `NAME.pem`, `NAME.key`. */
  readonly files: Record<string, string>;
  /** Adds a server's certificate. From `nowMs` on it is good for `days`. */
  add(name: string, hosts: readonly string[], nowMs?: number, days?: number): Promise<MadeCertificate>;
}

export async function issue(): Promise<IssuedFiles> {
  const root = await makeAuthority({ nowMs: Date.now(), days: 3650 });
  const issuer = await Issuer.of(root);
  const files: Record<string, string> = { 'ca.pem': root.certificate, 'ca.key': root.key };
  return {
    issuer,
    root,
    files,
    async add(name, hosts, nowMs = Date.now(), days = 100) {
      const made = await issuer.server(hosts, { nowMs, days });
      files[`${name}.pem`] = made.certificate;
      files[`${name}.key`] = made.key;
      return made;
    },
  };
}
