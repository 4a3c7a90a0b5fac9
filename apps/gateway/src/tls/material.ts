// Certificates, keys and roots as the configuration's files have them, read and checked before anything is done with them: at start,
// by `check-config`, and at each SIGHUP. Whoever gets the material can use all of it.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Problem } from '../config/problems.ts';
import type { Locate } from '../config/rules.ts';
import { identityFiles, type IdentityFiles } from '../config/secure-addresses.ts';

export interface ServerCertificate {
  /** Where it was read. */
  readonly file: string;
  /** What it is made out to: names and addresses, or else its common name. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly validToMs: number;
  /** The certificate and its chain, in PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface TlsMaterial {
  /** At least one; the first is the default. */
  readonly certificates: readonly ServerCertificate[];
  readonly ca: readonly string[];
}

export interface ReadMaterial {
  /** Null where there is no certificate, or a problem. */
  readonly material: TlsMaterial | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const day = 24 * 3600 * 1000;
/** A certificate that ends within this time is warned of. */
const soonMs = 14 * day;
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Names everything that is wrong, each with the setting it stands in. */
export function readMaterial(config: GatewayConfig, locate: Locate, readFile: (path: string) => string, nowMs: number = Date.now()): ReadMaterial {
  const reader = new MaterialReader(config, locate, readFile, nowMs);
  const { problems, warnings } = reader;
  const certificates = identityFiles(config).flatMap((files) => reader.certificate(files) ?? []);
  const ca = config.tls.ca.flatMap((file) => reader.roots(file) ?? []);
  reader.checkCiphers();
  const usable = certificates.length > 0 && problems.length === 0;
  return { material: usable ? { certificates, ca } : null, problems, warnings };
}

class MaterialReader {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #config: GatewayConfig;
  readonly #locate: Locate;
  readonly #readFile: (path: string) => string;
  readonly #nowMs: number;

  constructor(config: GatewayConfig, locate: Locate, readFile: (path: string) => string, nowMs: number) {
    this.#config = config;
    this.#locate = locate;
    this.#readFile = readFile;
    this.#nowMs = nowMs;
  }

  certificate({ cert, key, certPlace, keyPlace }: IdentityFiles): ServerCertificate | null {
    const certWhere = this.#locate(certPlace[0]) + certPlace[1];
    const keyWhere = this.#locate(keyPlace[0]) + keyPlace[1];
    const certificate = this.#read(cert, certWhere);
    const parsed = certificate === null ? null : this.#parse(() => new X509Certificate(certificate), certWhere, `${cert} holds no certificate in PEM`);
    const privateKey = this.#read(key, keyWhere);
    const parsedKey = privateKey === null ? null : this.#parse(() => createPrivateKey(privateKey), keyWhere, `${key} holds no private key in PEM that needs no passphrase`);
    if (certificate === null || privateKey === null || parsed === null || parsedKey === null) return null;
    if (!this.#matches(parsed, parsedKey)) {
      this.problems.push({ where: keyWhere, message: `${key} is not the key of ${cert}` });
      return null;
    }
    this.#try({ cert: certificate, key: privateKey }, certWhere, cert);
    this.#judgeAge(parsed, certWhere, cert);
    return { file: cert, names: namesOf(parsed), validToMs: Date.parse(parsed.validTo), certificate, key: privateKey };
  }

  roots(file: string): string | null {
    const where = this.#locate('tls.ca');
    const text = this.#read(file, where);
    if (text === null) return null;
    const parts = text.match(pemCertificate) ?? [];
    const unreadable = `${file} holds no certificate in PEM`;
    if (parts.length === 0) this.problems.push({ where, message: unreadable });
    for (const part of parts) if (this.#parse(() => new X509Certificate(part), where, unreadable) === null) return null;
    if (parts.length > 0) this.#try({ ca: text }, where, file);
    return text;
  }

  /** The list alone: a certificate that it does not suit is OpenSSL's to refuse, handshake by handshake. */
  checkCiphers(): void {
    const { ciphers } = this.#config.tls;
    if (ciphers !== null) this.#try({ ciphers }, this.#locate('tls.ciphers'), ciphers);
  }

  #read(file: string, where: string): string | null {
    try {
      return this.#readFile(file);
    } catch (error) {
      this.problems.push({ where, message: `${file} cannot be read: ${messageOf(error)}` });
      return null;
    }
  }

  #parse<Value>(parse: () => Value, where: string, message: string): Value | null {
    try {
      return parse();
    } catch {
      this.problems.push({ where, message });
      return null;
    }
  }

  #matches(certificate: X509Certificate, key: KeyObject): boolean {
    try {
      return certificate.checkPrivateKey(key);
    } catch {
      return false;
    }
  }

  /** What only OpenSSL can tell: a chain that does not parse, a key that is too short, a cipher that does not exist. */
  #try(options: SecureContextOptions, where: string, what: string): void {
    try {
      createSecureContext({ ...options, minVersion: this.#config.tls.minVersion });
    } catch (error) {
      this.problems.push({ where, message: `OpenSSL refuses ${what}: ${messageOf(error)}` });
    }
  }

  #judgeAge({ validFrom, validTo }: X509Certificate, where: string, file: string): void {
    const warn = (message: string): void => void this.warnings.push({ where, message });
    const endMs = Date.parse(validTo);
    if (endMs < this.#nowMs) warn(`${file} expired on ${dateOf(endMs)}: clients will refuse it`);
    else if (Date.parse(validFrom) > this.#nowMs) warn(`${file} is not valid before ${dateOf(Date.parse(validFrom))}: clients will refuse it`);
    else if (endMs < this.#nowMs + soonMs) warn(`${file} expires on ${dateOf(endMs)}`);
  }
}

function namesOf({ subject, subjectAltName }: X509Certificate): string[] {
  const names = [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => name as string);
  if (names.length > 0) return names;
  const common = /^CN=(.+)$/m.exec(subject ?? '');
  return common === null ? [] : [common[1] as string];
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
