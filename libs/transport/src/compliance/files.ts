// File buckets: read piece by piece as the peer takes them, however big, and given back.

import { fileBucket, FileHandleRef, type FileSource } from '@sluice/brigade';
import type { Cases } from './cases.ts';
import { text } from './latin1.ts';
import { Pattern } from './pattern.ts';
import type { Scene } from './scene.ts';

interface OpenFile {
  readonly ref: FileHandleRef;
  closes: number;
}

/** Opens a file of the pattern and counts how often its handle is closed. */
async function openPattern(scene: Scene, pattern: Pattern, size: number): Promise<OpenFile> {
  const source = await scene.under.openFile(pattern.slice(0, size));
  const counted: FileSource = {
    fd: source.fd,
    readSync: (into, start, length, position) => source.readSync(into, start, length, position),
    close: () => {
      open.closes++;
      source.close();
    },
  };
  const open: OpenFile = { closes: 0, ref: new FileHandleRef(scene.pool, counted, size) };
  return open;
}

export const fileCases: Cases = {
  'sends a file bigger than every buffer to a slow reader': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(20);
    const size = scene.setUp.platformBufferBytes + (2 << 20) + 17;
    const file = await openPattern(scene, pattern, size);
    client.write(fileBucket(file.ref, 0, size), client.mark('sent'));
    file.ref.release();
    await scene.settle();
    scene.expect(client.endpoint.queuedBytes).toBeGreaterThan(0);
    scene.expect(file.closes).toBe(0);
    scene.expect(client.sent.length).toBe(0);
    server.expected = pattern;
    server.setReading(true);
    await scene.received(server, size);
    await scene.until('the mark ran', () => client.sent.length === 1);
    scene.expect(client.sentMarks).toEqual(['sent']);
    scene.expect(file.closes).toBe(1);
  },

  'keeps head, file and tail in order': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(21);
    const file = await openPattern(scene, pattern, 300);
    server.setReading(true);
    client.write('head ', client.mark('head'), fileBucket(file.ref, 0, 300), client.mark('file'), ' tail', client.mark('tail'));
    file.ref.release();
    await scene.received(server, 310);
    await scene.until('the marks ran', () => client.sent.length === 3);
    scene.expect(server.text).toBe(`head ${text(pattern.slice(0, 300))} tail`);
    scene.expect(client.sentMarks).toEqual(['head', 'file', 'tail']);
    scene.expect(file.closes).toBe(1);
  },

  'sends slices of one file, in any order, to several peers': async (scene) => {
    const stand = await scene.listen();
    const clients = [await scene.connect(stand), await scene.connect(stand)];
    await scene.until('both are accepted', () => stand.sides.length === 2);
    const pattern = new Pattern(22);
    const size = 400_000;
    const piece = 50_000;
    const file = await openPattern(scene, pattern, size);
    for (const side of stand.sides) {
      // The second half first: it has to arrive as asked for, not as it stands in the file.
      for (const from of [size / 2, 0]) {
        for (let at = from; at < from + size / 2; at += piece) {
          side.write(fileBucket(file.ref, at, piece));
        }
      }
    }
    file.ref.release();
    for (const client of clients) {
      client.setReading(true);
      await scene.received(client, size);
    }
    const wanted = text(pattern.slice(size / 2, size / 2)) + text(pattern.slice(0, size / 2));
    for (const client of clients) scene.expect(client.text === wanted, 'the bytes are those asked for').toBe(true);
    await scene.until('the file is closed', () => file.closes === 1);
  },

  'gives the file back when the connection is dropped half-way': async (scene) => {
    for (const drop of ['close', 'abort', 'reset by the peer'] as const) {
      const { client, server } = await scene.pair();
      const size = scene.setUp.platformBufferBytes + (2 << 20);
      const file = await openPattern(scene, new Pattern(23), size);
      client.write(fileBucket(file.ref, 0, size), client.mark('never'));
      file.ref.release();
      await scene.settle();
      if (drop === 'reset by the peer') server.abort();
      else client[drop]();
      await scene.allClosed(client);
      await scene.until('the file is closed', () => file.closes === 1);
      scene.expect(client.sentMarks).toEqual(['never!']);
    }
  },

  'fails when a file ends before its bucket': async (scene) => {
    const { client, server } = await scene.pair();
    const file = await openPattern(scene, new Pattern(24), 10_000);
    server.setReading(true);
    server.expected = new Pattern(24);
    client.write(client.mark('before'), fileBucket(file.ref, 0, 20_000), client.mark('after'));
    file.ref.release();
    await scene.allClosed(client);
    scene.expect(client.closeError?.operation).toBe('write');
    scene.expect(client.closeError?.kind).toBe('sourceFailed');
    scene.expect(client.sentMarks).toEqual(['before', 'after!']);
    await scene.until('the peer notices', () => server.closed || server.ended);
    await scene.until('the file is closed', () => file.closes === 1);
  },
};
