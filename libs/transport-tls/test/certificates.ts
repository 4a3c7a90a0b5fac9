// A root and certificates under it, made once per test file by openssl in a temporary directory. They are good for a day.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../src/index.ts';

export interface Made extends TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

interface Wanted {
  readonly subject: string;
  /** A subjectAltName, or none. */
  readonly names?: string;
  /** Issued by itself; otherwise by the root. */
  readonly selfSigned?: boolean;
  /** `[notBefore, notAfter]` as openssl takes them (`20200101000000Z`). Default: from now, for a day. */
  readonly validity?: readonly [string, string];
}

export class Certificates {
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
  readonly root: Made;
  #count = 0;

  constructor() {
    this.root = this.make({ subject: '/O=Sluice/CN=Test root', selfSigned: true });
    writeFileSync(join(this.directory, 'index.txt'), '');
  }

  make({ subject, names, selfSigned = false, validity }: Wanted): Made {
    const name = `certificate-${this.#count++}`;
    const file = (ending: string): string => join(this.directory, `${name}.${ending}`);
    const extensions = names === undefined ? [] : ['-addext', `subjectAltName=${names}`];
    const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', subject, '-keyout', file('key')];
    if (selfSigned) {
      this.#openssl(...request, '-x509', '-days', '1', '-out', file('pem'), ...extensions);
    } else {
      this.#openssl(...request, '-out', file('csr'), ...extensions);
      const config = file('cnf');
      writeFileSync(
        config,
        `[ca]\ndefault_ca=it\n[it]\ndatabase=${join(this.directory, 'index.txt')}\nnew_certs_dir=${this.directory}\nrand_serial=yes\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\nO=optional\nCN=supplied\n`,
      );
      const dates = validity === undefined ? ['-days', '1'] : ['-startdate', validity[0], '-enddate', validity[1]];
      const root = ['-cert', join(this.directory, 'certificate-0.pem'), '-keyfile', join(this.directory, 'certificate-0.key')];
      this.#openssl('ca', '-batch', '-notext', '-config', config, ...root, ...dates, '-in', file('csr'), '-out', file('pem'));
    }
    return { certificate: readFileSync(file('pem'), 'latin1'), key: readFileSync(file('key'), 'latin1') };
  }

  /** The same with its key under a passphrase. */
  encrypt({ certificate, key }: Made, passphrase: string): Made {
    const file = this.file(`plain-${this.#count++}.key`, key);
    this.#openssl('pkcs8', '-topk8', '-in', file, '-passout', `pass:${passphrase}`, '-out', `${file}.enc`);
    return { certificate, key: readFileSync(`${file}.enc`, 'latin1') };
  }

  /** Where a file of this content lies, for a peer that reads files. */
  file(name: string, content: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}
