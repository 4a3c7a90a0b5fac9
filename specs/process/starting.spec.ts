// The gateway as a process: how it starts, what it prints, and how it refuses to start.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildGateway, GatewayProcess, type GatewayProcessOptions } from '../support/gateway-process.ts';
import { eventually } from '../support/running-gateway.ts';

let directory: string;
let gateway: GatewayProcess | null = null;
beforeAll(async () => {
  await buildGateway();
  directory = mkdtempSync(join(tmpdir(), 'sluice-process-'));
});
afterEach(async () => {
  await gateway?.kill();
  gateway = null;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function start(...args: string[]): Promise<GatewayProcess> {
  gateway = await GatewayProcess.start(args);
  return gateway;
}

/** Starts one that is expected to end by itself. */
async function refused(args: string[], options?: GatewayProcessOptions): Promise<{ code: number | null; stdout: string; stderr: string }> {
  gateway = new GatewayProcess(args, options);
  const { code } = await gateway.exit;
  const { stdout, stderr } = gateway;
  return { code, stdout, stderr };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the ready line', () => {
  it('is all there is on standard output, and names each address with the port that was picked', async () => {
    const { url, adminUrl, stdout } = await start('--demo');
    expect(stdout.split('\n')).toHaveLength(2);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect((await fetch(url)).status).toBe(200);
    expect(await (await fetch(`${adminUrl}/readyz`)).text()).toBe('ready\n');
  });

  it('names every listener, IPv6 too, and no admin listener where there is none', async () => {
    gateway = new GatewayProcess(['--http', '127.0.0.1:0', '--http', '[::1]:0', '--admin', 'off']);
    await once(gateway.child.stdout, 'data');
    const match = /^listening (http:\/\/127\.0\.0\.1:\d+\/) (http:\/\/\[::1\]:\d+\/)\n$/.exec(gateway.stdout);
    expect(match).not.toBeNull();
    for (const url of match!.slice(1)) expect((await fetch(`${url}topics/news`)).status).toBe(200);
  });

  it.each([['0.0.0.0', '[::]'], ['[::]', '0.0.0.0'], ['[::]']])('%s and %s: every IPv4 and IPv6 address of one port', async (...hosts) => {
    const port = await freePort();
    gateway = new GatewayProcess(['--insecure', '--admin', 'off', ...hosts.flatMap((host) => ['--http', `${host}:${port}`])]);
    await gateway.ready();
    for (const host of ['127.0.0.1', '[::1]']) expect((await fetch(`http://${host}:${port}/topics/news`)).status).toBe(200);
  });

  it('the demo page, its sockets and files are not there unless asked for', async () => {
    const { url } = await start();
    for (const path of ['/', '/app.js', '/echo', '/mirror']) expect((await fetch(url + path)).status).toBe(404);
  });
});

describe('--pid-file', () => {
  it('holds the process id while it runs, and is gone after', async () => {
    const path = join(directory, 'gateway.pid');
    const { child, exit } = await start('--pid-file', path);
    expect(readFileSync(path, 'utf8')).toBe(`${child.pid}\n`);
    child.kill('SIGTERM');
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(false);
  });

  it('that cannot be written: exit status 1, in words', async () => {
    const { code, stderr } = await refused(['--http', '127.0.0.1:0', '--admin', 'off', '--pid-file', join(directory, 'not/there.pid')]);
    expect(code).toBe(1);
    expect(stderr).toContain('not/there.pid');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('exit status 1', () => {
  it('a port that is taken, named, for topics and for admin', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const remedy = 'is in use by another process: choose another port, or stop the process that uses it';
    const path = join(directory, 'taken.json');
    writeFileSync(path, JSON.stringify({ http: [address] }));
    for (const [args, env, line] of [
      [['--http', address, '--admin', 'off'], {}, `--http ${address} ${remedy}`],
      [['--http', '127.0.0.1:0', '--admin', address], {}, `--admin ${address} ${remedy}`],
      [['--admin', 'off'], { SLUICE_HTTP: address }, `SLUICE_HTTP=${address} ${remedy}`],
      [['--admin', 'off', '--config', path], {}, `${path}: http: ${address} ${remedy}`],
    ] as [string[], Record<string, string>, string][]) {
      const { code, stdout, stderr } = await refused(args, { env });
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toBe(`${line}\n`);
    }
    taken.close();
  });

  it('an address that is not of this machine, and two of its own that exclude each other', async () => {
    const { code, stderr } = await refused(['--insecure', '--http', '192.0.2.1:0', '--admin', 'off']);
    expect([code, stderr]).toEqual([1, '--http 192.0.2.1:0 is not an address of this machine: choose one that is, or 0.0.0.0 for all of them\n']);
    const port = await freePort();
    const own = await refused(['--insecure', '--http', `0.0.0.0:${port}`, '--command', `127.0.0.1:${port}`, '--admin', 'off']);
    expect([own.code, own.stderr]).toEqual([1, `--command 127.0.0.1:${port} has the port of --http 0.0.0.0:${port}, which includes it: choose another port, or remove one of them\n`]);
  });
});

describe('exit status 2', () => {
  it.each<[string, string[], Record<string, string>, string]>([
    ['a flag that does not exist', ['--htpp', '1'], {}, '--http'],
    ['a port alone', ['--http', '8080'], {}, '--http 127.0.0.1:8080'],
    ['a flag of other servers', ['--port', '8080'], {}, '--http HOST:PORT, like --http 127.0.0.1:8080'],
    ['a value out of bounds', ['--limits-max-uri-bytes', '3'], {}, '--limits-max-uri-bytes'],
    ['an environment variable', [], { SLUICE_HISTORY_COUNT: 'many' }, 'SLUICE_HISTORY_COUNT'],
    ['a directory that is not there', ['--root', '/nowhere/www'], {}, '--root: /nowhere/www does not exist'],
    ['a file that is not there', ['--config', '/nowhere/sluice.json'], {}, '/nowhere/sluice.json'],
    ['an address other machines reach, without authentication', ['--http', '0.0.0.0:0'], {}, 'insecure'],
    ['a command that does not exist', ['sevre'], {}, 'serve'],
  ])('%s', async (_, args, env, named) => {
    const { code, stdout, stderr } = await refused(args, { env });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(named);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('every problem of a file at once, each with its place', async () => {
    const path = join(directory, 'bad.json');
    writeFileSync(path, JSON.stringify({ history: { count: -1 }, limits: { maxHeaders: 'lots' }, nonsense: true }));
    const { code, stderr } = await refused(['check-config', '--config', path]);
    expect(code).toBe(2);
    for (const named of ['history.count', 'limits.maxHeaders', 'nonsense']) expect(stderr).toContain(named);
  });
});

describe('other commands', () => {
  it('check-config says ok, print-config-schema prints JSON Schema, --help and --version', async () => {
    expect(await refused(['check-config'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok\n/) as string });
    const schema = JSON.parse((await refused(['print-config-schema'])).stdout) as Record<string, unknown>;
    expect(schema['$schema']).toContain('json-schema.org');
    expect((await refused(['--help'])).stdout).toContain('check-config');
    expect((await refused(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('the order of precedence', () => {
  it('flags before environment before file', async () => {
    const path = join(directory, 'order.json');
    writeFileSync(path, JSON.stringify({ limits: { maxUriBytes: 100, maxHeaders: 10 }, history: { count: 1 } }));
    gateway = await GatewayProcess.start(['--config', path, '--limits-max-uri-bytes', '300'], {
      env: { SLUICE_LIMITS_MAX_URI_BYTES: '200', SLUICE_HISTORY_COUNT: '2' },
    });
    expect((await fetch(`${gateway.url}/topics/${'a'.repeat(240)}`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/topics/a?${'a'.repeat(300)}`)).status).toBe(414);
    for (let count = 0; count < 3; count++) await fetch(`${gateway.url}/topics/news`, { method: 'POST', body: 'x' });
    const history = (await (await fetch(`${gateway.url}/topics/news`)).json()) as { publications: unknown[] };
    expect(history.publications).toHaveLength(2);
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`x-${at}`, '1']));
    expect((await fetch(`${gateway.url}/topics/news`, { headers: many })).status).toBe(431);
  });
});

describe('logs', () => {
  it('are lines of JSON: one for each request and each connection that closes', async () => {
    const running = await GatewayProcess.start([], { env: { SLUICE_AUTH_TOKENS: 'secret' } });
    gateway = running;
    const { url } = running;
    await fetch(`${url}/topics/news?access_token=secret`, { method: 'POST', body: 'hello', headers: { connection: 'close' } });
    await eventually('both lines are there', () => running.lines.length === 2);
    const [request, close] = running.lines;
    expect(request).toMatchObject({ log: 'request', method: 'POST', target: '/topics/news?access_token=***', status: 200, bytesIn: 5, peer: '127.0.0.1' });
    expect(close).toMatchObject({ log: 'close', protocol: 'http', reason: 'served', connection: request!['connection'] });
    for (const line of [request!, close!]) expect(Number.isNaN(Date.parse(line['time'] as string))).toBe(false);
  });

  it('--no-log-access leaves the access lines out', async () => {
    const running = await start('--no-log-access');
    await fetch(`${running.url}/topics/news`, { headers: { connection: 'close' } });
    running.signal('SIGTERM');
    await running.exit;
    expect(running.lines.map(({ log }) => log)).not.toContain('request');
    expect(running.lines.map(({ message }) => message)).toEqual(['draining', 'stopped']);
  });
});
