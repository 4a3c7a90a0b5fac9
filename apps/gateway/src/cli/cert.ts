// `sluice cert`: a CA for development, a certificate each for a server and a client, and a configuration with them, into one directory.
//
// What is there is kept: the CA always, for everything else hangs on it; the others unless `--force`. So it can be run again for
// another client. Everything that is wrong is said before anything is written.

import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { parseArgs } from 'node:util';
import { formatProblem, type Problem } from '../config/index.ts';
import { CertificateFiles } from './cert-files.ts';
import { Issuer, makeAuthority, type MadeCertificate, type Validity } from './cert-maker.ts';
import { settingsPath, settingsProblem, writeSettings } from './cert-settings.ts';
import { invocation, type Host } from './host.ts';
import type { ExitStatus } from './run.ts';

export const certHelp = `usage: sluice cert [FLAG…]

Makes a CA for development, a server's certificate and a client's, with their keys: ca.pem, server.pem, client.pem, and .key of each.
sluice.json is a configuration with them. A directory that is new or empty gets a .gitignore, so that keys are not committed by mistake.
What is there already is kept. Not for production: whoever reads ca.key can pass for anybody.

  --dir DIR       Where they are written. [./certs]
  --host NAME     A name or address of the server; may be repeated. [localhost, 127.0.0.1, ::1]
  --client NAME   The client's name, and its files': NAME.pem, NAME.key. [client]
  --days N        How long the server's and the client's are good, from 1 to 3650. [365]
  --force         Make the server's and the client's anew. The CA stays; remove ca.pem and ca.key to begin afresh.
  -h, --help      Print this.
`;

interface CertOptions {
  readonly directory: string;
  readonly hosts: readonly string[];
  /** Those that were asked for, not the default's. */
  readonly wantedHosts: readonly string[];
  readonly client: string;
  readonly days: number;
  readonly force: boolean;
}

const defaultHosts = ['localhost', '127.0.0.1', '::1'];
const authorityDays = 3650;
const taken = ['ca', 'server'];

/** 0 when they are there, 1 when they could not be written, 2 when something is wrong with what was asked. */
export async function cert(argv: readonly string[], host: Host, nowMs: number = Date.now()): Promise<ExitStatus> {
  const read = readOptions(argv);
  if ('problems' in read) return refuse(host, read.problems);
  const { options } = read;
  const files = new CertificateFiles(options.directory);
  try {
    const problems = await obstacles(files, options, nowMs);
    if (problems.length > 0) return refuse(host, problems);
    host.print(await make(files, options, nowMs, host));
    return 0;
  } catch (error) {
    host.printError(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function readOptions(argv: readonly string[]): { readonly options: CertOptions } | { readonly problems: Problem[] } {
  const problems: Problem[] = [];
  let values: { dir?: string; host?: string[]; client?: string; days?: string; force?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        dir: { type: 'string' },
        host: { type: 'string', multiple: true },
        client: { type: 'string' },
        days: { type: 'string' },
        force: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return { problems: [{ where: 'sluice cert', message: (error as Error).message }] };
  }
  const { dir = './certs', host = [], client = 'client', days = '365', force = false } = values;
  const hosts = host.map((name) => (isIP(name) === 0 ? domainToASCII(name) : name));
  for (const [at, name] of hosts.entries()) {
    if (!isHost(name)) problems.push({ where: '--host', message: `expected a host name or an address, got ${JSON.stringify(host[at])}` });
  }
  if (!/^(?!\.)[A-Za-z0-9._-]{1,64}$/.test(client) || taken.includes(client)) {
    problems.push({ where: '--client', message: `expected letters, digits and ._- (not ${taken.join(' or ')}), got ${JSON.stringify(client)}` });
  }
  if (dir === '') problems.push({ where: '--dir', message: 'expected a directory, got ""' });
  if (!/^[1-9]\d{0,3}$/.test(days) || Number(days) > authorityDays) {
    problems.push({ where: '--days', message: `expected a whole number from 1 to ${authorityDays}, got ${JSON.stringify(days)}` });
  }
  if (problems.length > 0) return { problems };
  return { options: { directory: dir, hosts: hosts.length > 0 ? hosts : defaultHosts, wantedHosts: hosts, client, days: Number(days), force } };
}

/** A wildcard may stand for the first label. */
function isHost(name: string): boolean {
  return isIP(name) !== 0 || (name.length <= 253 && /^(?:\*\.)?(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/i.test(name));
}

/** What stands in the way in the directory. */
async function obstacles(files: CertificateFiles, { client, force, wantedHosts }: CertOptions, nowMs: number): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const name of force ? ['ca'] : ['ca', 'server', client]) {
    const missing = files.missingHalf(name);
    if (missing !== null) problems.push({ where: missing, message: `missing, and the other half is there${name === 'ca' ? '' : '; --force makes both anew'}` });
  }
  const settings = settingsProblem(files);
  if (settings !== null) problems.push({ where: settingsPath(files), message: settings });
  if (problems.length > 0) return problems;
  if (files.has('ca')) {
    const authority = files.read('ca');
    const where = files.certificatePath('ca');
    if (!(await isAuthority(authority))) problems.push({ where, message: 'not a CA with its key beside it; remove both to begin afresh' });
    else if (Date.parse(new X509Certificate(authority.certificate).validTo) < nowMs) problems.push({ where, message: 'expired; remove it and its key to begin afresh' });
  }
  if (!force && files.has('server')) {
    const server = new X509Certificate(files.read('server').certificate);
    for (const name of wantedHosts) {
      const covered = isIP(name) === 0 ? server.checkHost(name) : server.checkIP(name);
      if (covered === undefined) problems.push({ where: files.certificatePath('server'), message: `there already, and not made out to ${name}; --force makes it anew` });
    }
  }
  return problems;
}

async function isAuthority(authority: MadeCertificate): Promise<boolean> {
  try {
    await Issuer.of(authority);
    return true;
  } catch {
    return false;
  }
}

/** Makes what is not there. Answers what to tell. */
async function make(files: CertificateFiles, { hosts, client, days, force }: CertOptions, nowMs: number, host: Host): Promise<string> {
  const validity: Validity = { nowMs, days };
  const lines: string[] = [];
  const ensure = async (name: string, replace: boolean, made: () => Promise<MadeCertificate>): Promise<MadeCertificate> => {
    const kept = files.has(name) && !replace;
    if (!kept) files.write(name, await made(), replace);
    const pair = files.read(name);
    lines.push(describe(files.certificatePath(name), pair, kept));
    return pair;
  };
  const authority = await ensure('ca', false, () => makeAuthority({ nowMs, days: authorityDays }));
  const issuer = await Issuer.of(authority);
  await ensure('server', force, () => issuer.server(hosts, validity));
  const clientPair = await ensure(client, force, () => issuer.client(client, validity));
  const certificate = new X509Certificate(clientPair.certificate);
  const isChanged = writeSettings(files, client, certificate.fingerprint256.replaceAll(':', ''));
  lines.push(`${settingsPath(files)} ${isChanged ? 'made' : 'kept'}: a configuration with these\n`);
  return `${lines.join('')}\n${advice(files, client, certificate, host)}`;
}

function describe(path: string, { certificate }: MadeCertificate, kept: boolean): string {
  const { subject, subjectAltName, validTo } = new X509Certificate(certificate);
  const names = subjectAltName ?? (subject ?? '').split('\n').join(', ');
  return `${path} ${kept ? 'kept' : 'made'}: ${names}; until ${new Date(validTo).toISOString().slice(0, 10)}\n`;
}

/** Commands that run as they are printed, from this directory. */
function advice(files: CertificateFiles, client: string, certificate: X509Certificate, { env }: Host): string {
  const command = invocation(env);
  const server = new X509Certificate(files.read('server').certificate);
  const [first = 'localhost'] = (server.subjectAltName ?? '').split(', ').map((name) => name.replace(/^[^:]*:/, ''));
  const host = server.checkHost('localhost') === undefined ? first : 'localhost';
  const [ca, cert, key] = [files.certificatePath('ca'), files.certificatePath(client), files.keyPath(client)].map(quoted);
  return `Thumbprints of ${client}:
  SHA-1    ${certificate.fingerprint.replaceAll(':', '')}
  SHA-256  ${certificate.fingerprint256.replaceAll(':', '')}

To try it:
  ${command} serve --demo --config ${quoted(settingsPath(files))}

and in another terminal:
  curl --cacert ${ca} -d hello https://${host}:8080/topics/news
  ${command} pub news 'hello again' --url commands://${host}:7000 --ca ${ca} --cert ${cert} --key ${key}
`;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function refuse(host: Host, problems: readonly Problem[]): ExitStatus {
  for (const problem of problems) host.printError(`${formatProblem(problem)}\n`);
  return 2;
}
