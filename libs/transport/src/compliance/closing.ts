// Closing: each direction by itself, resets, and close or abort in every state an endpoint can be in.

import type { Cases } from './cases.ts';
import { Pattern } from './pattern.ts';
import type { Scene } from './scene.ts';
import type { Side } from './side.ts';

const MIB = 1 << 20;

/** Brings a client and a server into some state, and there drops the client: at once, or from inside a callback to come. */
type State = (scene: Scene, client: Side, server: Side, drop: () => void) => Promise<void>;

const states: Readonly<Record<string, State>> = {
  'freshly connected': async (_scene, _client, _server, drop) => drop(),
  reading: async (_scene, client, _server, drop) => {
    client.setReading(true);
    drop();
  },
  'with bytes waiting to be read': async (scene, _client, server, drop) => {
    server.write('unread');
    await scene.settle();
    drop();
  },
  'with output queued': async (scene, client, _server, drop) => {
    client.write(new Pattern(30).slice(0, scene.setUp.platformBufferBytes + 2 * MIB), client.mark('lost'));
    await scene.settle();
    drop();
  },
  'right after a write': async (_scene, client, _server, drop) => {
    client.write('maybe sent', client.mark('maybe'));
    drop();
  },
  'after shutdown': async (scene, client, _server, drop) => {
    client.shutdown();
    await scene.settle();
    drop();
  },
  'after shutdown, in the same turn': async (_scene, client, _server, drop) => {
    client.shutdown();
    drop();
  },
  'after shutdown with output queued': async (scene, client, _server, drop) => {
    client.write(new Pattern(31).slice(0, scene.setUp.platformBufferBytes + 2 * MIB), client.mark('lost'));
    client.shutdown();
    await scene.settle();
    drop();
  },
  'after the peer ended': async (scene, client, server, drop) => {
    client.setReading(true);
    server.shutdown();
    await scene.until('the end', () => client.ended);
    drop();
  },
  'with the peer\'s end not read yet': async (scene, _client, server, drop) => {
    server.shutdown();
    await scene.settle();
    drop();
  },
  'inside onBytes': async (_scene, client, server, drop) => {
    client.inBytes = drop;
    client.setReading(true);
    server.write(new Pattern(32).slice(0, 200_000));
  },
  'inside onEnd': async (_scene, client, server, drop) => {
    client.inEnd = drop;
    client.setReading(true);
    server.shutdown();
  },
  'inside onProgress': async (scene, client, server, drop) => {
    client.inProgress = () => {
      client.inProgress = null;
      drop();
    };
    client.write(new Pattern(33).slice(0, scene.setUp.platformBufferBytes + 4 * MIB));
    await scene.settle();
    server.setReading(true);
  },
  'inside a SENT callback': async (_scene, client, server, drop) => {
    client.inSent = (mark) => {
      if (mark === 'one') drop();
    };
    server.setReading(true);
    client.write('x', client.mark('one'), 'y', client.mark('two'));
  },
  'already closed by us': async (scene, client, _server, drop) => {
    client.close();
    drop();
    await scene.allClosed(client);
    drop();
  },
  'already aborted by us': async (scene, client, _server, drop) => {
    client.abort();
    drop();
    await scene.allClosed(client);
    drop();
  },
};

function droppings(drop: 'close' | 'abort'): Cases {
  const cases: Record<string, (scene: Scene) => Promise<void>> = {};
  for (const [state, bring] of Object.entries(states)) {
    cases[`${drop}, ${state}: onClose(null) once and last, all marks told, the peer notices`] = async (scene) => {
      const { client, server } = await scene.pair();
      let dropped = false;
      await bring(scene, client, server, () => {
        dropped = true;
        client[drop]();
      });
      await scene.allClosed(client);
      scene.expect(dropped).toBe(true);
      scene.expect(client.closeError).toBe(null);
      scene.expect(client.endpoint.queuedBytes).toBe(0);
      server.setReading(true);
      await scene.until('the peer notices', () => server.closed || server.ended);
      await scene.settle();
      const marks = client.sentMarks.map((mark) => mark.replace('!', ''));
      scene.expect(new Set(marks).size, 'no mark twice').toBe(marks.length);
      if (state.includes('queued')) scene.expect(client.sentMarks).toEqual(['lost!']);
      if (state === 'right after a write') scene.expect(marks).toEqual(['maybe']);
      if (state === 'inside a SENT callback') scene.expect(marks).toEqual(['one', 'two']);
    };
  }
  return cases;
}

const halfClosing: Cases = {
  'half close: the one who ended still receives, and both close in order': async (scene) => {
    for (const ender of ['client', 'server'] as const) {
      const pair = await scene.pair();
      const first = pair[ender];
      const second = ender === 'client' ? pair.server : pair.client;
      first.setReading(true);
      second.setReading(true);
      first.write('the question');
      first.shutdown();
      await scene.until('the end arrives', () => second.ended);
      scene.expect(second.text).toBe('the question');
      const answer = new Pattern(34);
      first.expected = answer;
      second.write(answer.slice(0, 300_000));
      await scene.received(first, 300_000);
      scene.expect(first.closed || second.closed).toBe(false);
      second.shutdown();
      await scene.allClosed(first, second);
      scene.expect(first.events).toEqual(['end', 'close']);
      scene.expect(second.events).toEqual(['end', 'close']);
    }
  },

  'both ends at the same time': async (scene) => {
    const { client, server } = await scene.pair();
    for (const side of [client, server]) {
      side.setReading(true);
      side.write('bye');
      side.shutdown();
    }
    await scene.allClosed(client, server);
    for (const side of [client, server]) {
      scene.expect(side.text).toBe('bye');
      scene.expect(side.events).toEqual(['end', 'close']);
    }
  },

  'shutdown comes after everything queued': async (scene) => {
    const { client, server } = await scene.pair();
    const size = scene.setUp.platformBufferBytes + 2 * MIB;
    const pattern = new Pattern(35);
    client.write(pattern.slice(0, size), client.mark('sent'));
    client.shutdown();
    await scene.settle();
    server.expected = pattern;
    server.setReading(true);
    await scene.until('the end arrives', () => server.ended);
    scene.expect(server.received).toBe(size);
    await scene.until('the mark ran', () => client.sent.length === 1);
    scene.expect(client.sentMarks).toEqual(['sent']);
  },

  'shutdown twice is one, and what is written after is released': async (scene) => {
    const { client, server } = await scene.pair();
    server.setReading(true);
    client.write('said');
    client.shutdown();
    client.shutdown();
    client.write('unsaid', client.mark('refused'));
    await scene.until('the end arrives', () => server.ended);
    await scene.until('the mark ran', () => client.sent.length === 1);
    scene.expect(server.text).toBe('said');
    scene.expect(client.sentMarks).toEqual(['refused!']);
  },

  'the end of a peer that closed comes after all its bytes': async (scene) => {
    const { client, server } = await scene.pair();
    const pattern = new Pattern(36);
    const size = Math.min(50_000, scene.setUp.platformBufferBytes / 2);
    server.expected = pattern;
    client.write(pattern.slice(0, size), client.mark('sent'));
    await scene.until('the bytes left', () => client.sent.length === 1);
    client.shutdown();
    await scene.settle();
    server.setReading(true);
    await scene.until('the end arrives', () => server.ended);
    scene.expect(server.received).toBe(size);
  },
};

const resetting: Cases = {
  'a reset reaches a reading peer as a failure': async (scene) => {
    const { client, server } = await scene.pair();
    client.setReading(true);
    server.abort();
    await scene.allClosed(client, server);
    scene.expect(server.closeError).toBe(null);
    scene.expect(client.closeError?.kind).toBe('connectionReset');
    scene.expect(client.closeError?.operation).toBe('read');
    scene.expect(client.events).toEqual(['failure']);
  },

  'a reset reaches a writing peer as a failure': async (scene) => {
    const { client, server } = await scene.pair();
    client.write(new Pattern(37).slice(0, scene.setUp.platformBufferBytes + 2 * MIB));
    await scene.settle();
    server.abort();
    await scene.allClosed(client, server);
    scene.expect(['connectionReset', 'brokenPipe'].includes(client.closeError?.kind ?? 'none')).toBe(true);
    scene.expect(['read', 'write'].includes(client.closeError?.operation ?? 'none')).toBe(true);
    scene.expect(client.endpoint.queuedBytes).toBe(0);
  },

  'writing after a failure releases and tells': async (scene) => {
    const { client, server } = await scene.pair();
    client.setReading(true);
    client.inClose = () => client.write('too late', client.mark('in onClose'));
    server.abort();
    await scene.allClosed(client);
    client.write('far too late', client.mark('after onClose'));
    client.setReading(true);
    client.shutdown();
    client.close();
    client.abort();
    await scene.until('the marks ran', () => client.sent.length === 2);
    scene.expect(client.sentMarks).toEqual(['in onClose!', 'after onClose!']);
    scene.expect(client.endpoint.queuedBytes).toBe(0);
  },
};

export const closingCases: Cases = { ...halfClosing, ...resetting, ...droppings('close'), ...droppings('abort') };
