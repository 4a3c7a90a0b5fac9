import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from '@sluice/brigade';
import type { HttpExchange } from '@sluice/connection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InspectorPage, pageDirectory } from '../../src/inspection/page.ts';

let directory: string;
let page: InspectorPage;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'inspector-'));
  page = new InspectorPage({ directory, pool: new Pool('page'), clock: { now: () => 0 }, wallClock: Date.now, onFailure: (_path, error) => expect.unreachable(String(error)) });
});
afterEach(() => {
  page.close();
  rmSync(directory, { recursive: true });
});

interface Reply {
  status: number;
  headers: string;
}

/** Asks without a connection: only the reply's head is of interest. */
function get(path: string): Promise<Reply> {
  return new Promise((resolve) => {
    const reply = (status: number, fields: { toString(): string }): void => resolve({ status, headers: String(Array.isArray(fields) ? fields.join('\n') : JSON.stringify(fields)) });
    const exchange = {
      method: 'HEAD',
      head: { get: () => null },
      isOpen: true,
      extraHeaders: ['X-Asked', 'yes'],
      begin: reply,
      reply,
      end: () => {},
      crash: (error: unknown) => expect.unreachable(String(error)),
    };
    page.handle(exchange as unknown as HttpExchange, path);
  });
}

describe('InspectorPage', () => {
  it('says what to do where the page is not built, and serves it once it is', async () => {
    expect((await get('/inspector/')).status).toBe(503);
    writeFileSync(join(directory, 'index.html'), '<!doctype html>');
    expect(await get('/inspector/')).toMatchObject({ status: 200, headers: expect.stringMatching(/default-src 'self'[^]*frame-ancestors 'none'[^]*no-cache/) as string });
  });

  it('lets files with a hash in their names be kept, and no others', async () => {
    mkdirSync(join(directory, 'assets'));
    for (const file of ['index.html', 'favicon.svg', 'assets/index-abc.js']) writeFileSync(join(directory, file), 'x');
    expect((await get('/inspector/assets/index-abc.js')).headers).toContain('immutable');
    expect((await get('/inspector/favicon.svg')).headers).toContain('no-cache');
    for (const path of ['/inspector/other', '/inspector/../secret', '/inspector/assets/../../secret']) expect((await get(path)).status).toBe(404);
  });

  it('sends who leaves the slash out to where the page is, below whatever path a proxy has put it', async () => {
    expect(await get('/inspector')).toMatchObject({ status: 308, headers: expect.stringContaining('inspector/') as string });
  });

  it('is looked for where apps/inspector builds it', () => {
    expect(pageDirectory.replaceAll('\\', '/')).toMatch(/apps\/inspector\/dist$/);
  });
});
