// The systemd unit that docs/operations.md prints: checked by systemd's own verifier, and its command lines run as they stand, with what
// systemd would set around them.

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatagramReceiver } from '../support/datagram-receiver.ts';
import { buildGateway, GatewayProcess } from '../support/gateway-process.ts';
import { testAuthority } from '../support/secure.ts';

const workspace = resolve(import.meta.dirname, '../..');
const unitPath = join(workspace, 'apps/gateway/systemd/sluice.service');
const unit = readFileSync(unitPath, 'utf8');
const valuesOf = (key: string): string[] => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

let directory: string;
beforeAll(async () => {
  await buildGateway();
  directory = mkdtempSync(join(tmpdir(), 'sluice-systemd-'));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function hasCommand(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('is printed in docs/operations.md as it stands', () => {
  expect(readFileSync(join(workspace, 'docs/operations.md'), 'utf8')).toContain(`\`\`\`ini\n${unit}\`\`\``);
});

it.runIf(hasCommand('systemd-analyze'))('passes systemd-analyze verify', async () => {
  // The verifier looks at the root of a machine where the gateway is installed.
  const root = join(directory, 'root');
  const [node = ''] = valuesOf('ExecStart')[0]!.split(' ');
  for (const path of [node, '/bin/kill', '/usr/lib/systemd/system/sluice.service']) mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, node), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(root, '/bin/kill'), '#!/bin/sh\n', { mode: 0o755 });
  const copy = join(directory, 'sluice.service');
  writeFileSync(copy, unit.replaceAll('/opt/sluice/node_modules/.bin/node', join(root, node)));
  const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', copy]);
  expect(stderr.split('\n').filter((line) => line.includes('sluice.service'))).toEqual([]);
});

/** The blocks of operations.md that begin with their path below /etc/systemd/system, as a comment. */
function printedFiles(): [path: string, text: string][] {
  const page = readFileSync(join(workspace, 'docs/operations.md'), 'utf8');
  return [...page.matchAll(/^```ini\n# (sluice\S*)\n([^`]*)```$/gm)].map(([, path, text]) => [path!, text!]);
}

it.runIf(hasCommand('systemd-analyze'))('passes systemd-analyze verify with the sockets of docs/operations.md', async () => {
  const files = printedFiles();
  expect(files.map(([path]) => path)).toEqual(['sluice.socket', 'sluice-admin.socket', 'sluice.service.d/sockets.conf']);
  const units = join(directory, 'units');
  for (const [path, text] of [['sluice.service', unit] as const, ...files]) {
    mkdirSync(dirname(join(units, path)), { recursive: true });
    writeFileSync(join(units, path), text.replaceAll('/opt/sluice/node_modules/.bin/node', '/bin/sh'));
  }
  const names = ['sluice.service', 'sluice.socket', 'sluice-admin.socket'];
  const options = { env: { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` } };
  const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...names.map((name) => join(units, name))], options);
  expect(stderr.split('\n').filter((line) => line.includes('sluice'))).toEqual([]);
});

it('the drop-in of docs/operations.md runs the command of the unit, with the sockets', () => {
  const [, dropIn = ''] = printedFiles().find(([path]) => path.endsWith('sockets.conf'))!;
  const commands = [...dropIn.matchAll(/^ExecStart=(.*)$/gm)].map(([, command]) => command);
  expect(commands).toEqual(['', `${valuesOf('ExecStart')[0]} --https systemd --http '' --admin systemd`]);
});

it('its command starts, reloads and stops the gateway, and each is notified', async () => {
  const { directory: authority } = await testAuthority();
  const credentials = join(directory, 'credentials');
  mkdirSync(credentials);
  symlinkSync(join(authority, 'server.pem'), join(credentials, 'server.pem'));
  symlinkSync(join(authority, 'server.key'), join(credentials, 'server.key'));
  writeFileSync(join(credentials, 'tokens'), 'one\ntwo\n');
  writeFileSync(join(credentials, 'admin-token'), 'three\n');
  const config = join(directory, 'sluice.json');
  writeFileSync(config, JSON.stringify({ http: ['127.0.0.1:0'], admin: '127.0.0.1:0' }));
  const receiver = await DatagramReceiver.start('path');
  const env = Object.fromEntries(valuesOf('Environment').map((line) => line.replaceAll('%d', credentials).split(/=(.*)/s).slice(0, 2) as [string, string]));
  const [, ...command] = valuesOf('ExecStart')[0]!.replaceAll('/opt/sluice', workspace).replaceAll('/etc/sluice/sluice.json', config).split(' ');
  const gateway = new GatewayProcess([], { script: command, env: { ...env, NOTIFY_SOCKET: receiver.address, WATCHDOG_USEC: '200000' } });
  const next = async (): Promise<string> => {
    for (;;) {
      const message = (await receiver.next()).trim();
      if (message !== 'WATCHDOG=1') return message;
    }
  };
  try {
    await gateway.ready();
    expect(await next()).toBe('READY=1\nSTATUS=Serving');
    expect(await receiver.next()).toBe('WATCHDOG=1');
    expect(gateway.url).toMatch(/^https:/);
    expect((await fetch(`${gateway.adminUrl}/metrics`)).status).toBe(401);
    expect((await fetch(`${gateway.adminUrl}/metrics`, { headers: { authorization: 'Bearer three' } })).status).toBe(200);
    expect(valuesOf('ExecReload')).toEqual(['/bin/kill -HUP $MAINPID']);
    execFileSync('/bin/sh', ['-c', valuesOf('ExecReload')[0]!], { env: { MAINPID: String(gateway.child.pid) } });
    expect(await next()).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=/);
    expect(await next()).toBe('READY=1\nSTATUS=Serving');
    gateway.signal('SIGTERM');
    expect(await next()).toBe('STOPPING=1\nSTATUS=Draining 0 connections');
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
  } finally {
    await gateway.kill();
    await receiver.stop();
  }
});
