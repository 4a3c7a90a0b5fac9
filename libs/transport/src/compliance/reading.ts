// Reading: nothing unasked, a pause that works at once, and everything in order after it.

import { Pattern } from './pattern.ts';
import type { Cases } from './cases.ts';

export const readingCases: Cases = {
  'brings nothing before reading is wanted, then everything': async (scene) => {
    const { client, server } = await scene.pair();
    client.write('before');
    await scene.settle();
    scene.expect(server.reads).toBe(0);
    server.setReading(true);
    await scene.received(server, 6);
    client.write(', after');
    await scene.received(server, 13);
    scene.expect(server.text).toBe('before, after');
  },

  'stops at once when paused inside onBytes, with more at hand': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(1);
    const size = 300_000;
    client.write(pattern.slice(0, size));
    server.expected = pattern;
    server.inBytes = () => server.setReading(false);
    await scene.settle();
    server.setReading(true);
    await scene.until('a first read', () => server.reads > 0);
    await scene.settle();
    scene.expect(server.reads).toBe(1);
    for (let pauses = 1; server.received < size; pauses++) {
      server.setReading(true);
      await scene.until('the next read', () => server.reads > pauses);
    }
    scene.expect(server.received).toBe(size);
  },

  'brings no onEnd while paused, and brings it after the bytes': async (scene) => {
    const { client, server } = await scene.pair();
    client.write('the last words');
    client.shutdown();
    await scene.settle();
    server.inBytes = () => server.setReading(false);
    server.setReading(true);
    await scene.until('a first read', () => server.reads > 0);
    await scene.settle();
    scene.expect(server.ended).toBe(false);
    while (!server.ended) {
      const { reads } = server;
      server.setReading(true);
      await scene.until('more', () => server.ended || server.reads > reads);
    }
    scene.expect(server.text).toBe('the last words');
  },

  'goes on when paused and resumed in one callback': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(2);
    server.expected = pattern;
    server.inBytes = () => {
      server.setReading(false);
      server.setReading(true);
    };
    server.setReading(true);
    client.write(pattern.slice(0, 400_000));
    await scene.received(server, 400_000);
  },

  'may be asked for twice, and paused twice': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    server.setReading(true);
    client.write('once');
    await scene.received(server, 4);
    server.setReading(false);
    server.setReading(false);
    client.write(' more');
    await scene.settle();
    scene.expect(server.text).toBe('once');
    server.setReading(true);
    await scene.received(server, 9);
    scene.expect(server.text).toBe('once more');
  },

  'pauses one direction only': async (scene) => {
    const { client, server } = await scene.pair();
    client.setReading(true);
    client.write('kept back');
    server.write('passes');
    await scene.received(client, 6);
    scene.expect(server.reads).toBe(0);
  },

  'pauses from inside another callback': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    server.inSent = () => server.setReading(false);
    server.write('x', server.mark('paused'));
    await scene.until('SENT', () => server.sent.length === 1);
    client.write('kept back');
    await scene.settle();
    scene.expect(server.reads).toBe(0);
    server.setReading(true);
    await scene.received(server, 9);
  },

  'lends its bytes: spoiling them harms nobody': async (scene) => {
    const stand = await scene.listen();
    const clients = [await scene.connect(stand), await scene.connect(stand)];
    await scene.until('both are accepted', () => stand.sides.length === 2);
    const pattern = new Pattern(3);
    const frame = pattern.slice(0, 100_000);
    for (const client of clients) {
      client.expected = pattern;
      client.setReading(true);
    }
    // Each side spoils what it was lent, and all of it comes from the same array.
    for (const side of stand.sides) scene.writeShared(side, frame, 1);
    for (const client of clients) await scene.received(client, frame.length);
    scene.expect(pattern.mismatch(0, frame, 0, frame.length)).toBe(-1);
  },
};
