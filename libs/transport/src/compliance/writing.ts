// Writing: order, back pressure, honest numbers, marks in their places.

import { heapBytes, makeEos, makeFlush, transientBytes, type Bucket } from '@sluice/brigade';
import type { Cases } from './cases.ts';
import { latin1 } from './latin1.ts';
import { LentBytes } from './lent.ts';
import { Pattern } from './pattern.ts';
import type { Scene } from './scene.ts';
import type { Side } from './side.ts';

const MIB = 1 << 20;

/** More than the platform can swallow while nobody reads, of the pattern `side` will expect. Answers how much. */
function writeTooMuch(scene: Scene, from: Side, to: Side, seed: number): number {
  const size = scene.setUp.platformBufferBytes + 2 * MIB;
  const pattern = new Pattern(seed);
  to.expected = pattern;
  for (let at = 0; at < size; at += MIB) from.write(pattern.slice(at, Math.min(MIB, size - at)));
  return size;
}

export const writingCases: Cases = {
  'keeps the order of small writes': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    let all = '';
    for (let line = 0; line < 500; line++) {
      client.write(`line ${line}\n`);
      all += `line ${line}\n`;
    }
    await scene.received(server, all.length);
    scene.expect(server.text).toBe(all);
  },

  'sends thousands of small buckets of one brigade': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(10);
    server.expected = pattern;
    server.setReading(true);
    const buckets: Bucket[] = [];
    let size = 0;
    for (let count = 0; count < 5000; count++) {
      const length = 1 + (count % 23);
      buckets.push(heapBytes(scene.pool, pattern.slice(size, length)));
      size += length;
    }
    client.write(...buckets);
    await scene.received(server, size);
  },

  'copies transient bytes before it returns': async (scene) => {
    const { client, server } = await scene.pair();
    const reused = new LentBytes(100);
    server.setReading(true);
    for (const character of 'abc') {
      reused.fill(character.charCodeAt(0));
      client.write(transientBytes(reused, 0, 100));
    }
    reused.fill(0);
    await scene.received(server, 300);
    scene.expect(server.text).toBe('a'.repeat(100) + 'b'.repeat(100) + 'c'.repeat(100));
  },

  'takes empty brigades, FLUSH and EOS in its stride': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    client.write();
    client.write(makeFlush(), 'a', makeFlush(), 'b', makeEos(), 'c', makeEos());
    client.write(makeEos());
    client.write('d');
    await scene.received(server, 4);
    scene.expect(server.text).toBe('abcd');
    await scene.settle();
    scene.expect(server.ended).toBe(false);
  },

  'may be called from inside every callback': async (scene) => {
    const { client, server } = await scene.pair();
    server.inBytes = () => server.write('[bytes]', server.mark('mark'));
    server.inSent = () => server.write('[sent]');
    server.inEnd = () => {
      server.write('[end]');
      server.shutdown();
    };
    client.setReading(true);
    server.setReading(true);
    client.write('x');
    await scene.received(client, '[bytes][sent]'.length);
    client.shutdown();
    await scene.allClosed(client, server);
    scene.expect(client.text).toBe('[bytes][sent][end]');
  },

  'echoes from inside onBytes while the peer goes on writing': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(11);
    const size = 2 * MIB;
    client.expected = pattern;
    client.setReading(true);
    let echoed = 0;
    server.inBytes = () => {
      server.write(pattern.slice(echoed, server.received - echoed));
      echoed = server.received;
    };
    server.setReading(true);
    for (let at = 0; at < size; at += 50_000) client.write(pattern.slice(at, Math.min(50_000, size - at)));
    await scene.received(client, size);
  },

  'queues what a slow peer does not take, says so, and reaches zero': async (scene) => {
    const { client, server } = await scene.pair();
    const size = writeTooMuch(scene, client, server, 12);
    await scene.settle();
    const stuck = client.endpoint.queuedBytes;
    scene.expect(stuck).toBeGreaterThan(0);
    await scene.settle();
    scene.expect(client.endpoint.queuedBytes, 'nothing moves while nobody reads').toBe(stuck);
    let queuedAtLastProgress = -1;
    client.inProgress = () => {
      queuedAtLastProgress = client.endpoint.queuedBytes;
    };
    server.setReading(true);
    await scene.received(server, size);
    await scene.until('progress down to zero is told', () => queuedAtLastProgress === 0);
    scene.expect(client.endpoint.queuedBytes).toBe(0);
    scene.expect(client.endpoint.bytesOut).toBe(size);
  },

  'refills from inside onProgress': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(13);
    const size = scene.setUp.platformBufferBytes + 4 * MIB;
    let written = 0;
    const fill = (): void => {
      while (written < size && client.endpoint.queuedBytes < 256 * 1024) {
        const length = Math.min(100_000, size - written);
        const chunk = pattern.slice(written, length);
        written += length;
        client.write(chunk);
      }
    };
    client.inProgress = fill;
    server.expected = pattern;
    server.setReading(true);
    // Until something stays queued there is no progress to wait for.
    await scene.until('all of it is written', () => {
      if (client.endpoint.queuedBytes === 0) fill();
      return written === size;
    });
    await scene.received(server, size);
  },

  'splits a shared bucket for a slow peer without touching it': async (scene) => {
    const stand = await scene.listen();
    const slow = await scene.connect(stand);
    const quick = await scene.connect(stand);
    await scene.until('both are accepted', () => stand.sides.length === 2);
    const pattern = new Pattern(14);
    const frame = pattern.slice(0, 65_521);
    const copies = Math.ceil((scene.setUp.platformBufferBytes + 2 * MIB) / frame.length);
    for (const side of stand.sides) scene.writeShared(side, frame, copies);
    for (const client of [slow, quick]) client.expected = pattern;
    quick.setReading(true);
    await scene.received(quick, copies * frame.length);
    const queued = (): number[] => stand.sides.map((side) => side.endpoint.queuedBytes);
    await scene.until('the quick one has nothing queued', () => Math.min(...queued()) === 0);
    scene.expect(Math.max(...queued())).toBeGreaterThan(0);
    slow.setReading(true);
    await scene.received(slow, copies * frame.length);
    scene.expect(pattern.mismatch(0, frame, 0, frame.length)).toBe(-1);
  },

  'runs SENT marks in order, once, after the bytes before them': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    const marks: string[] = [];
    client.write(client.mark('first of all'));
    marks.push('first of all');
    for (let count = 0; count < 50; count++) {
      client.write('12345', client.mark(`${count} a`), client.mark(`${count} b`), '67890');
      marks.push(`${count} a`, `${count} b`);
    }
    client.write(client.mark('last'));
    marks.push('last');
    await scene.received(server, 500);
    await scene.until('all marks ran', () => client.sent.length >= marks.length);
    await scene.settle();
    scene.expect(client.sentMarks).toEqual(marks);
    for (const { mark, bytesOut } of client.sent) {
      const count = Number.parseInt(mark, 10);
      if (!Number.isNaN(count)) scene.expect(bytesOut, `bytes out at ${mark}`).toBeGreaterThan(count * 10 + 4);
    }
  },

  'holds a SENT mark back as long as the bytes before it': async (scene) => {
    const { client, server } = await scene.pair();
    client.write(client.mark('before'));
    const size = writeTooMuch(scene, client, server, 15);
    client.write(client.mark('after'));
    await scene.settle();
    scene.expect(client.sentMarks).toEqual(['before']);
    server.setReading(true);
    await scene.received(server, size);
    await scene.until('the mark ran', () => client.sent.length === 2);
    scene.expect(client.sentMarks).toEqual(['before', 'after']);
    scene.expect(client.sent[1].bytesOut).toBe(size);
  },

  'tells a SENT mark alone in an idle connection': async (scene) => {
    const { client } = await scene.pair();
    client.write(client.mark('alone'));
    await scene.until('the mark ran', () => client.sent.length === 1);
    scene.expect(client.sentMarks).toEqual(['alone']);
  },

  'keeps the order of what is written from inside a SENT callback': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    client.inSent = (mark) => {
      if (mark !== 'one') return;
      client.write('C', client.mark('three'));
    };
    client.write('A', client.mark('one'), 'B', client.mark('two'));
    await scene.received(server, 3);
    await scene.until('the marks ran', () => client.sent.length === 3);
    scene.expect(client.sentMarks).toEqual(['one', 'two', 'three']);
    scene.expect(server.text).toBe('ABC');
  },

  'tells SENT marks the error when the connection is dropped': async (scene) => {
    for (const drop of ['close', 'abort'] as const) {
      const { client, server } = await scene.pair();
      client.write('x', client.mark('done'));
      await scene.until('the first mark ran', () => client.sent.length === 1);
      writeTooMuch(scene, client, server, 16);
      client.write(client.mark('never 1'), 'y', client.mark('never 2'));
      await scene.settle();
      let queuedMarksAtClose = -1;
      client.inClose = () => {
        queuedMarksAtClose = 3 - client.sent.length;
      };
      client[drop]();
      scene.expect(client.sentMarks, 'not from inside the call').toEqual(['done']);
      await scene.allClosed(client);
      scene.expect(client.closeError).toBe(null);
      scene.expect(queuedMarksAtClose, 'marks not told before onClose').toBe(0);
      scene.expect(client.sentMarks).toEqual(['done', 'never 1!', 'never 2!']);
    }
  },

  'tells SENT marks the error when the peer resets': async (scene) => {
    const { client, server } = await scene.pair();
    writeTooMuch(scene, client, server, 17);
    client.write(client.mark('never'), latin1('z'));
    await scene.settle();
    server.abort();
    await scene.allClosed(client, server);
    scene.expect(client.sentMarks).toEqual(['never!']);
    scene.expect(client.closeError === null).toBe(false);
  },
};
