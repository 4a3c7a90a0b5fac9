// Makes certificates for development: a CA, and what it issues. EC P-256 throughout, good for a number of days from an hour ago, so that
// a clock that is a little slow does not refuse them.
//
// Loaded by `sluice cert` alone. The library reads types that its decorators leave behind, which Node does not do without the polyfill.

import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';

/** A certificate and its private key, both in PEM. */
export interface MadeCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly nowMs: number;
  readonly days: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hour = 3600 * 1000;
const day = 24 * hour;

export async function makeAuthority(validity: Validity): Promise<MadeCertificate> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ O: ['Sluice'] }, { CN: ['Sluice development CA'] }],
    ...period(validity),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return made(certificate, keys.privateKey);
}

/** Issues certificates in the name of one CA. */
export class Issuer {
  readonly #authority: X509Certificate;
  readonly #key: webcrypto.CryptoKey;

  private constructor(authority: X509Certificate, key: webcrypto.CryptoKey) {
    this.#authority = authority;
    this.#key = key;
  }

  /** @throws Error when that is no CA with its key, as `makeAuthority` makes them */
  static async of({ certificate, key }: MadeCertificate): Promise<Issuer> {
    const privateKey = createPrivateKey(key);
    const parsed = new NodeCertificate(certificate);
    if (!parsed.ca || !parsed.checkPrivateKey(privateKey)) throw new Error('not a CA and its key');
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    return new Issuer(new X509Certificate(certificate), await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']));
  }

  /** For a server: made out to names and addresses. At least one. */
  server(hosts: readonly string[], validity: Validity): Promise<MadeCertificate> {
    const names = hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }));
    return this.#issue(hosts[0] as string, validity, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
    ]);
  }

  client(name: string, validity: Validity): Promise<MadeCertificate> {
    return this.#issue(name, validity, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
  }

  async #issue(name: string, validity: Validity, extensions: readonly Extension[]): Promise<MadeCertificate> {
    const keys = await makeKeys();
    const { notBefore, notAfter } = period(validity);
    const authority = this.#authority;
    const certificate = await X509CertificateGenerator.create({
      subject: [{ O: ['Sluice'] }, { CN: [name] }],
      issuer: authority.subjectName.toJSON(),
      notBefore,
      // Nothing outlives who vouches for it.
      notAfter: notAfter < authority.notAfter ? notAfter : authority.notAfter,
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey),
        ...extensions,
      ],
    });
    return made(certificate, keys.privateKey);
  }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Whole seconds: that is all a certificate can say. */
function period({ nowMs, days }: Validity): { notBefore: Date; notAfter: Date } {
  const seconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);
  return { notBefore: seconds(nowMs - hour), notAfter: seconds(nowMs + days * day) };
}

function made(certificate: X509Certificate, key: webcrypto.CryptoKey): MadeCertificate {
  return { certificate: `${certificate.toString('pem')}\n`, key: KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }) as string };
}
