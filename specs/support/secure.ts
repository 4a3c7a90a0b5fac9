// TLS for specs. A spec is written for a gateway that it runs and clients that it connects, and does not say how bytes travel: in clear
// text, unless `overTls` was called before it was loaded. So the specs in `specs/tls` are the others again, over TLS.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectClear, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Issuer, makeAuthority, type MadeCertificate } from '@sluice/gateway/cert-maker';

let speaking = false;
const securePorts = new Set<number>();

/** From here on gateways and clients of this process speak TLS. */
export function overTls(): void {
  speaking = true;
}

export function isOverTls(): boolean {
  return speaking;
}

/** A CA that clients of this process trust, and what it issues, as files for those that are no part of it. */
export interface Authority {
  readonly issuer: Issuer;
  readonly ca: string;
  readonly directory: string;
  /** Of a server called localhost, 127.0.0.1 and ::1. */
  readonly server: MadeCertificate;
  /** Writes a pair into the directory: `NAME.pem` and `NAME.key`. */
  write(name: string, pair: MadeCertificate): { readonly cert: string; readonly key: string };
}

let authority: Promise<Authority> | null = null;

/** One for each process, that is for each spec file. */
export function testAuthority(): Promise<Authority> {
  return (authority ??= makeTestAuthority());
}

async function makeTestAuthority(): Promise<Authority> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-spec-tls-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const validity = { nowMs: Date.now(), days: 30 };
  const root = await makeAuthority(validity);
  const issuer = await Issuer.of(root);
  const write = (name: string, { certificate, key }: MadeCertificate) => {
    const files = { cert: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) };
    writeFileSync(files.cert, certificate);
    writeFileSync(files.key, key, { mode: 0o600 });
    return files;
  };
  const server = await issuer.server(['localhost', '127.0.0.1', '::1'], validity);
  write('ca', root);
  write('server', server);
  const ca = join(directory, 'ca.pem');
  // curl and other programs that a spec starts.
  process.env['CURL_CA_BUNDLE'] = ca;
  process.env['NODE_EXTRA_CA_CERTS'] = ca;
  setDefaultCACertificates([...getCACertificates('default'), root.certificate]);
  return { issuer, ca, directory, server, write };
}

/** The `tls` settings of a gateway with the server's certificate. */
export async function tlsSettings(): Promise<Record<string, unknown>> {
  const { directory } = await testAuthority();
  return { cert: join(directory, 'server.pem'), key: join(directory, 'server.key') };
}

/** A gateway listens there, and speaks TLS. */
export function markSecure(port: number): void {
  securePorts.add(port);
}

/** A socket to a gateway's port that is ready for the application's bytes, over TLS where the gateway there speaks it. */
export async function connectTo(port: number): Promise<Socket> {
  const options = { port, host: '127.0.0.1', allowHalfOpen: true };
  const isSecure = securePorts.has(port);
  const socket = isSecure ? connectSecure({ ...options, servername: 'localhost', ALPNProtocols: ['http/1.1'] }) : connectClear(options);
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once(isSecure ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}
