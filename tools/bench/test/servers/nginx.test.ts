import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nginx, nginxConfiguration } from '../../src/servers/nginx.ts';

describe('the configuration of nginx', () => {
  it('keeps every path it writes to under its prefix', () => {
    const text = nginxConfiguration('/p', 8080, '/files');
    const paths = [...text.matchAll(/\s(\/\S+?)[;\s]/g)].map((match) => match[1]);
    expect(paths.filter((path) => !path?.startsWith('/p/'))).toEqual(['/files']);
    expect(text).toContain('sendfile on;');
    expect(text).toContain('access_log off;');
  });
});

describe.runIf('version' in nginx.probe())('nginx', () => {
  it('serves the directory and ends whole', async () => {
    const root = mkdtempSync(join(tmpdir(), 'nginx-root-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    writeFileSync(join(root, 'a.bin'), 'hello');
    const server = await nginx.start({ root, forMemory: false });
    const response = await fetch(`http://127.0.0.1:${server.port}/a.bin`);
    expect(await response.text()).toBe('hello');
    await server.stop();
    for (const pid of server.pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
