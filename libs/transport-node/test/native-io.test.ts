import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type NativeIo, nativeIo } from '../src/native-io.ts';
import { connectSocket, temporaryFile } from './set-up.ts';

const native = nativeIo() as NativeIo;

/** A connected socket, its descriptor, and the text that arrives at the other end. */
async function connected(): Promise<{ fd: number; text: () => Promise<string>; close: () => void }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const [socket, [peer]] = await Promise.all([connectSocket({ host: '127.0.0.1', port }), once(server, 'connection') as Promise<[Socket]>]);
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  return {
    fd,
    text: async () => String((await once(peer, 'data'))[0]),
    close: () => {
      socket.destroy();
      peer.destroy();
      server.close();
    },
  };
}

describe.runIf(native !== null)('nativeIo', () => {
  it('is one object', () => {
    expect(nativeIo()).toBe(native);
  });

  it('sends the beginning of its buffer', async () => {
    const { fd, text, close } = await connected();
    native.output.set(Buffer.from('hello, rest'));
    expect(native.send(fd, 5, false)).toBe(5);
    expect(await text()).toBe('hello');
    close();
  });

  it('joins a head sent with `more` and the file behind it', async () => {
    const { fd, text, close } = await connected();
    const file = temporaryFile(Buffer.from('0123456789'));
    native.output.set(Buffer.from('head:'));
    expect(native.send(fd, 5, true)).toBe(5);
    expect(native.sendFile(fd, file.fd, 3, 4)).toBe(4);
    expect(await text()).toBe('head:3456');
    expect(native.sendFile(fd, file.fd, 10, 4)).toBe(0);
    file.close();
    close();
  });

  it('answers -1 and says why', () => {
    expect(native.send(-1, 1, false)).toBe(-1);
    expect(native.lastError()).toBe(9); // EBADF
  });

  it('sends files from beyond 4 GiB', async () => {
    const { fd, close } = await connected();
    const file = temporaryFile(Buffer.from('short'));
    expect(native.sendFile(fd, file.fd, 5 * 2 ** 30, 4)).toBe(0);
    file.close();
    close();
  });

  it('loads without a warning, and leaves warnings as they were', () => {
    const module = new URL('../src/native-io.ts', import.meta.url).href;
    const script = `const { nativeIo } = await import(${JSON.stringify(module)});
      if (nativeIo() === null) throw new Error('none');
      process.on('warning', (warning) => console.log(warning.message));
      process.emitWarning('still heard');`;
    const node = process.execPath;
    const output = execFileSync(node, ['--input-type=module', '-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(output).toBe('still heard\n');
  });
});
