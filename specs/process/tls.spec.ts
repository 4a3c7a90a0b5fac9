// TLS as operators meet it: certificates made by `sluice cert`, told by flags, replaced while the gateway runs.

import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { eventually } from '../support/running-gateway.ts';

let made: string;
let directory: string;
let gateway: GatewayProcess;
const at = (name: string): string => join(directory, name);

/** Runs a command to its end. */
async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = new GatewayProcess(args);
  const { code } = await child.exit;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

beforeAll(async () => {
  await buildGateway();
  made = mkdtempSync(join(tmpdir(), 'sluice-made-'));
  expect((await run('cert', '--dir', made)).code).toBe(0);
  // Another certificate of the same CA, for later.
  for (const name of ['server.pem', 'server.key']) copyFileSync(join(made, name), join(made, `first-${name}`));
  expect((await run('cert', '--dir', made, '--force')).code).toBe(0);
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-serving-'));
  for (const name of ['server.pem', 'server.key']) copyFileSync(join(made, `first-${name}`), at(name));
});
afterEach(async () => {
  await gateway?.kill();
  rmSync(directory, { recursive: true, force: true });
});

const ca = (): Buffer => readFileSync(join(made, 'ca.pem'));
const identity = (name: string) => ({ cert: readFileSync(join(made, `${name}.pem`)), key: readFileSync(join(made, `${name}.key`)) });
const serving = (...args: string[]): Promise<GatewayProcess> => GatewayProcess.start(['--tls-cert', at('server.pem'), '--tls-key', at('server.key'), ...args]);
const logged = (message: string): Record<string, unknown>[] => gateway.lines.filter((line) => line['message'] === message);

async function get(path: string, options: { cert?: Buffer; key?: Buffer } = {}): Promise<{ status: number; serial: string }> {
  const asked = request(`${gateway.url}${path}`, { ca: ca(), agent: false, ...options }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode!, serial: serialNumber };
}

const serialOf = (path: string): string => new X509Certificate(readFileSync(path)).serialNumber;

it('serve --http --tls-cert --tls-key speaks TLS there, and says so', async () => {
  gateway = await serving();
  expect(gateway.stdout).toMatch(/^listening https:\/\/127\.0\.0\.1:\d+\/ admin http:\/\//);
  expect(await get('/topics/news')).toEqual({ status: 200, serial: serialOf(at('server.pem')) });
  gateway.signal('SIGTERM');
  expect(await gateway.exit).toEqual({ code: 0, signal: null });
});

describe('SIGHUP', () => {
  it('takes a renewed certificate for those who come, and leaves alone who is there', async () => {
    gateway = await serving();
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/topics/news`, { ca: ca() });
    await once(socket, 'open');
    for (const name of ['server.pem', 'server.key']) copyFileSync(join(made, name), at(name));
    gateway.signal('SIGHUP');
    await eventually('the reload is logged', () => logged('configuration reloaded').length === 1);
    expect(await get('/topics/news')).toEqual({ status: 200, serial: serialOf(join(made, 'server.pem')) });
    expect(logged('certificate')).toHaveLength(2);
    socket.send('still here');
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(message.toString()).toBe('still here');
    socket.terminate();
  });

  it("with a key that is not the certificate's changes nothing, and says why", async () => {
    gateway = await serving();
    const before = serialOf(at('server.pem'));
    copyFileSync(join(made, 'server.pem'), at('server.pem'));
    gateway.signal('SIGHUP');
    await eventually('it is logged', () => logged('configuration not reloaded').length === 1);
    expect(logged('configuration not reloaded')[0]!['problem']).toBe(`--tls-key: ${at('server.key')} is not the key of ${at('server.pem')}`);
    expect(await get('/topics/news')).toEqual({ status: 200, serial: before });
  });
});

describe("clients' certificates", () => {
  it('required, they are let in with one and not without', async () => {
    gateway = await serving('--tls-client-certificate', 'require', '--tls-ca', join(made, 'ca.pem'));
    expect((await get('/topics/news', identity('client'))).status).toBe(200);
    await expect(get('/topics/news')).rejects.toThrow(/certificate required|ECONNRESET|EPIPE/);
    await eventually('it is logged', () => gateway.lines.some(({ log, error }) => log === 'close' && String(error).startsWith('handshake failed')));
  });
});

describe('what is wrong is named before anything is served', () => {
  it.each(['serve', 'check-config'])('by %s: all of it, each with its place', async (command) => {
    writeFileSync(at('text'), 'no certificate');
    writeFileSync(at('c.json'), JSON.stringify({ tls: { certificates: [{ cert: at('text'), key: at('server.key') }], ca: [at('gone.pem')] } }));
    const { code, stderr } = await run(command, '--config', at('c.json'), '--tls-cert', at('server.pem'), '--tls-key', join(made, 'server.key'));
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `--tls-key: ${join(made, 'server.key')} is not the key of ${at('server.pem')}`,
      `${at('c.json')}: tls.certificates[0].cert: ${at('text')} holds no certificate in PEM`,
      expect.stringContaining(`${at('c.json')}: tls.ca: ${at('gone.pem')} cannot be read: ENOENT`),
    ]);
  });
});

it('a client that offers HTTP/2 alone is refused by TLS, in its own words', async () => {
  gateway = await serving();
  const socket = connect({ port: gateway.port, host: '127.0.0.1', ca: ca(), ALPNProtocols: ['h2'] });
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toMatch(/no application protocol/);
});
