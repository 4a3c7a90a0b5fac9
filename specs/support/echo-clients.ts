// WebSocket clients that are not of this workspace, behind one face: send messages one after the other, and return what was wrong.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { WebSocket as Undici } from 'undici';
import { WebSocket as Ws } from 'ws';
import { difference, type EchoMessage } from './echo-messages.ts';
import type { Compression, EchoServers } from './echo-servers.ts';
import { Inbox } from './inbox.ts';

export interface EchoClient {
  readonly name: string;
  /** Compressions that this client keeps to. Default: all. */
  readonly suits?: (compression: Compression) => boolean;
  /** Returns a line for each thing that was wrong. */
  check(servers: EchoServers, messages: readonly EchoMessage[], compression: Compression): Promise<string[]>;
}

interface Received {
  readonly data: Buffer;
  readonly isText: boolean;
}

/** The ticks of `/ping`, which are no echoes. */
const isTick = ({ data, isText }: Received): boolean => isText && data.toString('latin1', 0, 12) === '{"sequence":';

async function converse(url: string, messages: readonly EchoMessage[], inbox: Inbox<Received>, send: (message: EchoMessage) => void): Promise<string[]> {
  const problems: string[] = [];
  for (const message of messages) {
    send(message);
    let got = await inbox.next(`the echo of ${message.bytes.length} bytes over ${url}`, 60_000);
    while (isTick(got)) got = await inbox.next('an echo', 60_000);
    const wrong = difference(message, got.data, got.isText);
    if (wrong !== null) problems.push(`${url}: ${wrong}`);
  }
  return problems;
}

export function piecesOf({ bytes, frames }: EchoMessage): Buffer[] {
  return Array.from({ length: frames }, (_, index) => bytes.subarray(Math.floor((index * bytes.length) / frames), Math.floor(((index + 1) * bytes.length) / frames)));
}

/** `ws` compresses everything here, whether or not it shrinks, on several connections at the same time. */
export function wsClient(connections: number, concurrencyLimit: number): EchoClient {
  const overOne = async (url: string, messages: readonly EchoMessage[], compression: Compression): Promise<string[]> => {
    const { serverMaxWindowBits, clientMaxWindowBits } = compression;
    const socket = new Ws(url, { perMessageDeflate: { threshold: 0, concurrencyLimit, serverMaxWindowBits, clientMaxWindowBits } });
    const inbox = new Inbox<Received>();
    socket.on('message', (data: Buffer, isBinary) => inbox.push({ data, isText: !isBinary }));
    await once(socket, 'open');
    const problems = socket.extensions.includes('permessage-deflate') ? [] : [`${url}: no compression was agreed on`];
    const send = (message: EchoMessage): void => {
      const pieces = piecesOf(message);
      for (const [index, piece] of pieces.entries()) socket.send(piece, { binary: !message.isText, compress: true, fin: index === pieces.length - 1 });
    };
    problems.push(...(await converse(url, messages, inbox, send)));
    socket.terminate();
    return problems;
  };
  return {
    name: `ws, ${connections} at a time, ${concurrencyLimit} compressing`,
    async check({ urls }, messages, compression) {
      const problems: string[] = [];
      for (const url of urls) {
        // Everything that is sent to a mirror or a topic comes to all its sockets: there, one at a time.
        const isShared = url.endsWith('/mirror') || url.includes('/topics/');
        const names = Array.from({ length: connections }, (_, index) => (url.includes('/topics/') ? `${url}.${index}` : url));
        const those = isShared && !url.includes('/topics/') ? names.slice(0, 1) : names;
        problems.push(...(await Promise.all(those.map((each) => overOne(each, messages, compression)))).flat());
      }
      return problems;
    },
  };
}

interface StandardSocket extends EventTarget {
  binaryType: string;
  readonly extensions: string;
  send(data: string | Uint8Array): void;
  close(): void;
}

/** Clients with the interface of browsers, which say nothing of fragments. */
export function standardClient(name: string, make: (url: string) => StandardSocket, compresses = true): EchoClient {
  return {
    name,
    async check({ urls }, messages) {
      const problems: string[] = [];
      for (const url of urls) {
        const socket = make(url);
        socket.binaryType = 'arraybuffer';
        const inbox = new Inbox<Received>();
        socket.addEventListener('message', (event) => {
          const { data } = event as MessageEvent & { data: string | ArrayBuffer };
          inbox.push(typeof data === 'string' ? { data: Buffer.from(data), isText: true } : { data: Buffer.from(data), isText: false });
        });
        await new Promise((resolve, reject) => {
          socket.addEventListener('open', resolve);
          socket.addEventListener('error', () => reject(new Error(`${name} did not open ${url}`)));
        });
        if (compresses && !socket.extensions.includes('permessage-deflate')) problems.push(`${url}: no compression was agreed on`);
        problems.push(...(await converse(url, messages, inbox, ({ bytes, isText }) => socket.send(isText ? bytes.toString() : bytes))));
        socket.close();
      }
      return problems;
    },
  };
}

export const undiciClient: EchoClient = standardClient('undici', (url) => new Undici(url) as unknown as StandardSocket);
export const nodeClient: EchoClient = standardClient('the WebSocket of Node', (url) => new WebSocket(url) as unknown as StandardSocket);

interface Faye extends EventTarget {
  on(event: 'message', listener: (event: { data: string | Buffer }) => void): void;
  on(event: 'open' | 'error', listener: (event: { message?: string }) => void): void;
  send(data: string | Buffer): void;
  close(): void;
  readonly headers: Record<string, string>;
}

/** It compresses all messages, and is told the windows and takeovers it asks for. */
export const fayeClient: EchoClient = {
  name: 'faye-websocket with permessage-deflate',
  async check({ urls }, messages, { serverMaxWindowBits, clientMaxWindowBits, serverNoContextTakeover }) {
    const require = createRequire(import.meta.url);
    const { Client } = require('faye-websocket') as { Client: new (url: string, protocols: string[], options: object) => Faye };
    const deflate = require('permessage-deflate') as { configure(options: object): unknown };
    const extension = deflate.configure({ maxWindowBits: clientMaxWindowBits, requestMaxWindowBits: serverMaxWindowBits, requestNoContextTakeover: serverNoContextTakeover });
    const problems: string[] = [];
    for (const url of urls) {
      const socket = new Client(url, [], { extensions: [extension] });
      const inbox = new Inbox<Received>();
      socket.on('message', ({ data }) => inbox.push({ data: Buffer.from(data as string), isText: typeof data === 'string' }));
      await new Promise<void>((resolve, reject) => {
        socket.on('open', () => resolve());
        socket.on('error', ({ message }) => reject(new Error(`${url}: ${message}`)));
      });
      if (!(socket.headers['sec-websocket-extensions'] ?? '').includes('permessage-deflate')) problems.push(`${url}: no compression was agreed on`);
      problems.push(...(await converse(url, messages, inbox, ({ bytes, isText }) => socket.send(isText ? bytes.toString() : bytes))));
      socket.close();
    }
    return problems;
  },
};

function encoded(messages: readonly EchoMessage[]): { base64: string; isText: boolean; frames: number }[] {
  return messages.map(({ bytes, isText, frames }) => ({ base64: bytes.toString('base64'), isText, frames }));
}

async function runProgram(command: string, program: string, job: object): Promise<string[]> {
  const child = spawn(command, [fileURLToPath(new URL(`../clients/programs/${program}`, import.meta.url))], { stdio: 'pipe' });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(job));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await closed) as [number | null];
  if (status !== 0) return [`${program} ended with ${status}: ${errors}`];
  return JSON.parse(out) as string[];
}

/** Debian's own interpreter, for which its packages are. */
const pythonPath = '/usr/bin/python3';
export const hasPythonClient = existsSync('/usr/lib/python3/dist-packages/websockets');
export const hasPerlClient = existsSync('/usr/share/perl5/Mojo/UserAgent.pm');

export const pythonClient: EchoClient = {
  name: 'websockets for Python',
  check({ urls }, messages, compression) {
    const offers = {
      server_no_context_takeover: compression.serverNoContextTakeover,
      client_no_context_takeover: compression.clientNoContextTakeover,
      server_max_window_bits: compression.serverMaxWindowBits,
      client_max_window_bits: compression.clientMaxWindowBits,
    };
    return runProgram(pythonPath, 'echo-websockets.py', { urls, messages: encoded(messages), offers });
  },
};

/** Mojolicious carries its window over whatever the server asks for, and cannot be told a smaller one. Its second empty message has no bytes at all. */
export const perlClient: EchoClient = {
  name: 'Mojolicious for Perl',
  suits: ({ clientNoContextTakeover, clientMaxWindowBits }) => !clientNoContextTakeover && clientMaxWindowBits === 15,
  check: ({ urls }, messages) => runProgram('/usr/bin/perl', 'echo-mojo.pl', { urls, messages: encoded(messages) }),
};

/** A page of the gateway's own, as sockets are for those. */
export function chromiumClient(browser: () => Browser): EchoClient {
  return {
    name: 'Chromium',
    async check({ urls, pageUrl }, messages) {
      const page = await browser().newPage();
      await page.goto(`${pageUrl}/`);
      const problems = await page.evaluate(
        async ({ sockets, sent }) => {
          const wrong: string[] = [];
          for (const url of sockets) {
            const socket = new WebSocket(url);
            socket.binaryType = 'arraybuffer';
            const arrived: (string | ArrayBuffer)[] = [];
            let wake = (): void => {};
            const changed = (): Promise<void> => new Promise((resolve) => (wake = resolve));
            const socketState = { isOver: false };
            socket.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) => {
              if (typeof data !== 'string' || !data.startsWith('{"sequence":')) arrived.push(data);
              wake();
            });
            socket.addEventListener('open', () => wake());
            socket.addEventListener('close', () => {
              socketState.isOver = true;
              wake();
            });
            while (socket.readyState === 0) await changed();
            if (!socket.extensions.includes('permessage-deflate')) wrong.push(`${url}: no compression was agreed on`);
            for (const { base64, isText } of sent) {
              const latin1 = atob(base64);
              const bytes = Uint8Array.from(latin1, (character) => character.charCodeAt(0));
              socket.send(isText ? latin1 : bytes);
              while (arrived.length === 0 && !socketState.isOver) await changed();
              const data = arrived.shift();
              const got = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data ?? new ArrayBuffer(0));
              const isSame = (typeof data === 'string') === isText && got.length === bytes.length && got.every((byte, at) => byte === bytes[at]);
              if (!isSame) wrong.push(`${url}: ${bytes.length} bytes, text ${isText}: not what was sent`);
              if (socketState.isOver) break;
            }
            socket.close();
          }
          return wrong;
        },
        { sockets: [...urls], sent: encoded(messages) },
      );
      await page.close();
      return problems;
    },
  };
}
