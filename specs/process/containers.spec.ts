// docs/containers: what the image and the compose file say fits the gateway. The image itself is not built here.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildGateway, gatewayScript, GatewayProcess } from '../support/gateway-process.ts';

const workspace = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(workspace, path), 'utf8');
const dockerfile = read('docs/containers/Dockerfile');
const compose = read('docs/containers/compose.yaml');
let directory: string;
let gateway: GatewayProcess | null = null;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-containers-'));
  await buildGateway();
});
afterEach(async () => gateway?.kill());
afterAll(() => rmSync(directory, { recursive: true }));

/** The JSON form of an instruction's argument, after its options. */
function argumentsOf(instruction: string): string[] {
  const [, list] = new RegExp(`^${instruction}\\b.*?(\\[.*\\])$`, 'm').exec(dockerfile) ?? [];
  return JSON.parse(list!) as string[];
}

function statusOf(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((done) => execFile(program, args, { env: { ...process.env, ...env } }, (error) => done(error === null ? 0 : Number(error.code))));
}

describe('the image', () => {
  it("starts the package's own command, without npm or a shell in between", () => {
    const { bin } = JSON.parse(read('apps/gateway/package.json')) as { bin: { sluice: string } };
    expect(argumentsOf('ENTRYPOINT')).toEqual(['node', join('/opt/sluice/node_modules/@sluice/gateway', bin.sluice)]);
  });

  it('is healthy while the gateway answers, and not when it has gone', async () => {
    gateway = await GatewayProcess.start();
    const [program, flag, script] = argumentsOf('HEALTHCHECK');
    expect([program, flag]).toEqual(['node', '-e']);
    const check = script!.replace('http://127.0.0.1:9090', gateway.adminUrl);
    expect(check).not.toBe(script);
    expect(await statusOf(process.execPath, ['-e', check])).toBe(0);
    await gateway.kill();
    expect(await statusOf(process.execPath, ['-e', check])).toBe(1);
  });

  it('does not start without a token, and does with one', async () => {
    const [, name, value] = /^ENV (\w+)=(\S+)$/m.exec(dockerfile)!;
    expect(await statusOf(process.execPath, [gatewayScript, 'check-config'], { [name!]: value! })).toBe(2);
    expect(await statusOf(process.execPath, [gatewayScript, 'check-config'], { [name!]: value!, SLUICE_AUTH_TOKENS: 'a-token-of-mine' })).toBe(0);
  });
});

describe('the compose file', () => {
  it('names settings that there are', async () => {
    const tokens = join(directory, 'tokens.txt');
    writeFileSync(tokens, 'a-token-of-mine\n');
    const settings = [...compose.matchAll(/^ +(SLUICE_\w+): "?([^"\n]+)"?$/gm)].map(([, name, value]) => [name, value === '/run/secrets/sluice_tokens' ? tokens : value] as const);
    expect(settings.map(([name]) => name)).toEqual(['SLUICE_AUTH_TOKENS_FILE', 'SLUICE_DRAIN_DELAY_MS']);
    gateway = await GatewayProcess.start([], { env: Object.fromEntries(settings) as Record<string, string> });
    expect((await fetch(`${gateway.url}/topics/a`)).status).toBe(401);
    expect((await fetch(`${gateway.url}/topics/a`, { headers: { authorization: 'Bearer a-token-of-mine' } })).status).toBe(200);
    expect(gateway.stderr).not.toContain('unknown');
  });

  it('gives the gateway time to drain', () => {
    const graceMs = Number(/stop_grace_period: (\d+)s/.exec(compose)![1]) * 1000;
    const delayMs = Number(/SLUICE_DRAIN_DELAY_MS: "(\d+)"/.exec(compose)![1]);
    const [, deadlineMs] = /`drain\.deadlineMs`[^\n]*?\b(30000)\b/.exec(read('docs/configuration.md')) ?? [];
    expect(graceMs).toBeGreaterThan(delayMs + Number(deadlineMs));
  });
});
