import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { makeCertificate } from '../../src/certificate.ts';
import { bun, nodeHttp, ws } from '../../src/servers/node-servers.ts';
import type { Launcher } from '../../src/servers/server.ts';

async function start(launcher: Launcher, forMemory = false, secure = false): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'peer-'));
  writeFileSync(join(root, 'a.bin'), 'hello');
  const server = await launcher.start({ root, forMemory, tls: secure ? makeCertificate(root) : null });
  onTestFinished(async () => {
    await server.stop();
    rmSync(root, { recursive: true });
  });
  return `127.0.0.1:${server.port}`;
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { rejectUnauthorized: false });
  await new Promise((done, fail) => socket.once('open', done).once('error', fail));
  onTestFinished(() => socket.terminate());
  return socket;
}

function nextMessage(socket: WebSocket): Promise<string> {
  return new Promise((done) => socket.once('message', (data) => done((data as Buffer).toString())));
}

const webSocketPeers = [ws, bun].filter((launcher) => 'version' in launcher.probe());
const filePeers = [nodeHttp, bun].filter((launcher) => 'version' in launcher.probe());

describe.each(webSocketPeers.map((launcher) => [launcher.name, launcher] as const))('%s', (_, launcher) => {
  it('echoes on /echo, and only to the sender', async () => {
    const address = await start(launcher);
    const [sender, other] = [await open(`ws://${address}/echo`), await open(`ws://${address}/topics/bench`)];
    const heard: unknown[] = [];
    other.on('message', (data) => heard.push(data));
    const reply = nextMessage(sender);
    sender.send('hello');
    expect(await reply).toBe('hello');
    expect(heard).toEqual([]);
  });

  it('does so over TLS', async () => {
    const socket = await open(`wss://${await start(launcher, false, true)}/echo`);
    const reply = nextMessage(socket);
    socket.send('hello');
    expect(await reply).toBe('hello');
  });

  it('sends to everyone on a topic, the sender too, also when started for memory', async () => {
    const address = await start(launcher, true);
    const sockets = [await open(`ws://${address}/topics/bench`), await open(`ws://${address}/topics/bench`)];
    const replies = Promise.all(sockets.map(nextMessage));
    sockets[0]?.send('hello');
    expect(await replies).toEqual(['hello', 'hello']);
  });
});

describe.each(filePeers.map((launcher) => [launcher.name, launcher] as const))('%s', (_, launcher) => {
  it('serves files and takes publications', async () => {
    const address = await start(launcher);
    const file = await fetch(`http://${address}/a.bin`);
    expect(file.headers.get('content-length')).toBe('5');
    expect(await file.text()).toBe('hello');
    const published = await fetch(`http://${address}/topics/x`, { method: 'POST', body: 'news' });
    expect(await published.json()).toEqual({ offset: 1 });
  });
});

describe('node:http', () => {
  it('streams publications as events', async () => {
    const address = await start(nodeHttp);
    const stream = await fetch(`http://${address}/topics/x`, { headers: { accept: 'text/event-stream' } });
    const reader = stream.body?.getReader();
    await fetch(`http://${address}/topics/x`, { method: 'POST', body: 'news' });
    const event = await reader?.read();
    expect(new TextDecoder().decode(event?.value)).toBe('id: 1\ndata: news\n\n');
    await reader?.cancel();
  });
});
