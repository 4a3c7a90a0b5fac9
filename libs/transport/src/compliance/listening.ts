// Listening and connecting: addresses, many listeners, and failures named after the operation that failed.

import type { Endpoint } from '../endpoint.ts';
import { TransportError } from '../errors.ts';
import type { Cases } from './cases.ts';
import type { Scene, Stand } from './scene.ts';
import type { TransportSetUp } from './set-up.ts';
import type { Side } from './side.ts';

/** A connection that the other side drops as it is made: the reset may come before or after `connect` has settled. */
async function connectUnlessReset(scene: Scene, stand: Stand): Promise<Side | null> {
  try {
    return await scene.connect(stand);
  } catch (error) {
    if (error instanceof TransportError && error.operation === 'connect' && error.kind === 'connectionReset') return null;
    throw error;
  }
}

const always: Cases = {
  'port 0 picks a free port, and both ends agree on the addresses': async (scene) => {
    const stand = await scene.listen();
    scene.expect(stand.address.port).toBeGreaterThan(0);
    scene.expect(stand.address.host).toBe(scene.setUp.host);
    const client = await scene.connect(stand);
    await scene.until('the connection is accepted', () => stand.sides.length === 1);
    const [server] = stand.sides;
    scene.expect(client.endpoint.peer).toEqual(stand.address);
    scene.expect(server.endpoint.local).toEqual(stand.address);
    scene.expect(server.endpoint.peer).toEqual(client.endpoint.local);
  },

  'many listeners, each with its own connections': async (scene) => {
    const stands: Stand[] = [];
    for (let count = 0; count < 8; count++) stands.push(await scene.listen());
    scene.expect(new Set(stands.map((stand) => stand.address.port)).size).toBe(8);
    for (const [index, stand] of stands.entries()) {
      for (let count = 0; count <= index % 3; count++) {
        const client = await scene.connect(stand);
        client.write(`for ${index}`);
      }
    }
    await scene.until('all are accepted', () => stands.every((stand, index) => stand.sides.length === 1 + (index % 3)));
    for (const [index, stand] of stands.entries()) {
      for (const server of stand.sides) {
        server.setReading(true);
        await scene.until('the greeting', () => server.received >= 5);
        scene.expect(server.text).toBe(`for ${index}`);
      }
    }
  },

  'two hundred connections at once': async (scene) => {
    const stand = await scene.listen();
    stand.inAccept = (side) => {
      side.inBytes = () => side.write('pong');
      side.setReading(true);
    };
    const clients = await Promise.all(Array.from({ length: 200 }, () => scene.connect(stand)));
    for (const client of clients) {
      client.setReading(true);
      client.write('ping');
    }
    await scene.until('all have their answer', () => clients.every((client) => client.text === 'pong'));
    scene.expect(stand.sides.length).toBe(200);
    scene.expect(new Set(stand.sides.map((side) => side.endpoint.peer.port)).size).toBe(200);
  },

  'a listener that closes leaves its connections alone and frees its port': async (scene) => {
    const stand = await scene.listen();
    const client = await scene.connect(stand);
    await scene.until('the connection is accepted', () => stand.sides.length === 1);
    stand.listener.close();
    stand.listener.close();
    scene.expect(stand.closes.length, 'not from inside the call').toBe(0);
    await scene.until('the listener is closed', () => stand.closes.length === 1);
    scene.expect(stand.closes).toEqual([null]);
    client.setReading(true);
    stand.sides[0].write('still here');
    await scene.received(client, 10);
    const refused = await scene.failure(scene.under.transport.connect(stand.address));
    scene.expect(refused.operation).toBe('connect');
    scene.expect(refused.kind).toBe('connectionRefused');
    const again = await scene.listen(stand.address.host, stand.address.port);
    scene.expect(again.address.port).toBe(stand.address.port);
  },

  'a listener may be closed from inside onAccept': async (scene) => {
    const stand = await scene.listen();
    stand.inAccept = () => stand.listener.close();
    const client = await scene.connect(stand);
    await scene.until('the listener is closed', () => stand.closes.length === 1);
    stand.sides[0].write('accepted');
    client.setReading(true);
    await scene.received(client, 8);
  },

  'an endpoint may be closed or aborted in onAccept, without ever being attached': async (scene) => {
    for (const drop of ['close', 'abort'] as const) {
      const stand = await scene.listen();
      stand.take = (endpoint: Endpoint) => endpoint[drop]();
      const client = await connectUnlessReset(scene, stand);
      client?.setReading(true);
      await scene.until('the peer notices', () => client === null || client.ended || client.closed);
    }
  },

  'an address in use is a listen failure': async (scene) => {
    const { address } = await scene.listen();
    const failure = await scene.failure(scene.under.transport.listen(address, { onAccept() {}, onError() {}, onClose() {} }));
    scene.expect(failure.operation).toBe('listen');
    scene.expect(failure.kind).toBe('addressInUse');
  },

  'a descriptor that is no listening socket is an adopt failure': async (scene) => {
    const sink = { onAccept() {}, onError() {}, onClose() {} };
    const options = { host: scene.setUp.host, port: 0, descriptor: 987_654 };
    const failure = await scene.failure(scene.under.transport.listen(options, sink));
    scene.expect(failure.operation).toBe('adopt');
    scene.expect(failure.message.includes('987654')).toBe(true);
  },

  'a refused connection is a connect failure': async (scene) => {
    const stand = await scene.listen();
    stand.listener.close();
    await scene.until('the listener is closed', () => stand.closes.length === 1);
    const failure = await scene.failure(scene.under.transport.connect(stand.address));
    scene.expect(failure.operation).toBe('connect');
    scene.expect(failure.kind).toBe('connectionRefused');
  },
};

/** The cases this transport can be put to, by what its set-up brings. */
export function listeningCases(setUp: TransportSetUp): Cases {
  const { ipv6Host, foreignHost, unknownHost } = setUp;
  const cases: Record<string, Cases[string]> = { ...always };
  if (ipv6Host !== null) {
    cases['IPv6 addresses stand without brackets'] = async (scene) => {
      const stand = await scene.listen(ipv6Host);
      scene.expect(stand.address.host).toBe(ipv6Host);
      const client = await scene.connect(stand);
      await scene.until('the connection is accepted', () => stand.sides.length === 1);
      scene.expect(stand.sides[0].endpoint.peer.host).toBe(ipv6Host);
      stand.sides[0].setReading(true);
      client.write('six');
      await scene.received(stand.sides[0], 3);
    };
  }
  if (foreignHost !== null) {
    cases["another host's address is a listen failure"] = async (scene) => {
      const sink = { onAccept() {}, onError() {}, onClose() {} };
      const failure = await scene.failure(scene.under.transport.listen({ host: foreignHost, port: 0 }, sink));
      scene.expect(failure.operation).toBe('listen');
      scene.expect(failure.kind).toBe('addressNotAvailable');
    };
  }
  if (unknownHost !== null) {
    cases['an unknown name is a resolve failure'] = async (scene) => {
      const failure = await scene.failure(scene.under.transport.connect({ host: unknownHost, port: 1 }));
      scene.expect(failure.operation).toBe('resolve');
    };
  }
  return cases;
}

/** For transports whose accepting can be made to fail. */
export const acceptFailureCases: Cases = {
  'a failure to accept is told, and the listener goes on': async (scene) => {
    const { failNextAccept } = scene.under;
    if (failNextAccept === undefined) throw new Error('the set-up cannot make accepting fail');
    const stand = await scene.listen();
    failNextAccept();
    const lost = await connectUnlessReset(scene, stand);
    await scene.until('the listener is told', () => stand.errors.length === 1);
    scene.expect(stand.errors[0].operation).toBe('accept');
    scene.expect(stand.closes).toEqual([]);
    if (lost !== null) {
      lost.setReading(true);
      await scene.allClosed(lost);
    }
    const client = await scene.connect(stand);
    client.setReading(true);
    await scene.until('the next is accepted', () => stand.sides.length === 1);
    stand.sides[0].write('welcome');
    await scene.received(client, 7);
  },
};
