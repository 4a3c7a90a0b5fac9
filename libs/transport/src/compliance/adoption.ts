// Adoption of sockets that something else made: what was read already comes first, and a failure closes the socket.

import type { Endpoint } from '../endpoint.ts';
import { TransportError } from '../errors.ts';
import type { Cases } from './cases.ts';
import { latin1 } from './latin1.ts';
import { LentBytes } from './lent.ts';
import { Pattern } from './pattern.ts';
import type { Scene } from './scene.ts';
import type { ForeignSockets } from './set-up.ts';
import type { Side } from './side.ts';

function foreignSockets(scene: Scene): ForeignSockets {
  const { foreign } = scene.under;
  if (foreign === undefined) throw new Error('the set-up brings no sockets to adopt');
  return foreign;
}

/** A side that adopted a raw socket, and the side accepted at its other end. */
async function adopted(scene: Scene, leftover?: Uint8Array): Promise<{ side: Side; peer: Side }> {
  const { adopter, connect } = foreignSockets(scene);
  const stand = await scene.listen();
  const handle = await scene.settled(connect(stand.address));
  await scene.until('the socket is accepted', () => stand.sides.length === 1);
  const lent = leftover === undefined ? undefined : LentBytes.from(leftover);
  const endpoint = lent === undefined ? adopter.adopt(handle) : adopter.adopt(handle, lent);
  lent?.fill(0);
  return { side: scene.side('adopted', endpoint), peer: stand.sides[0] };
}

export const adoptionCases: Cases = {
  'an adopted socket moves bytes both ways and closes in order': async (scene) => {
    const { side, peer } = await adopted(scene);
    scene.expect(side.endpoint.peer).toEqual(peer.endpoint.local);
    side.setReading(true);
    peer.setReading(true);
    const pattern = new Pattern(40);
    side.expected = pattern;
    peer.write(pattern.slice(0, 500_000));
    side.write('from the adopted');
    await scene.received(side, 500_000);
    await scene.received(peer, 16);
    side.shutdown();
    peer.shutdown();
    await scene.allClosed(side, peer);
    scene.expect(side.events).toEqual(['end', 'close']);
  },

  'leftover bytes come first, and not before reading is wanted': async (scene) => {
    const { side, peer } = await adopted(scene, latin1('read already, '));
    peer.write('still to come');
    await scene.settle();
    scene.expect(side.reads).toBe(0);
    side.setReading(true);
    await scene.received(side, 27);
    scene.expect(side.text).toBe('read already, still to come');
  },

  'leftover bytes respect a pause, and come before the end': async (scene) => {
    const { side, peer } = await adopted(scene, latin1('leftover'));
    peer.shutdown();
    side.inBytes = () => side.setReading(false);
    side.setReading(true);
    await scene.until('the leftover', () => side.reads === 1);
    await scene.settle();
    scene.expect(side.ended).toBe(false);
    side.setReading(true);
    await scene.until('the end', () => side.ended);
    scene.expect(side.text).toBe('leftover');
  },

  'an adopted socket can be dropped with its leftover unread': async (scene) => {
    for (const drop of ['close', 'abort'] as const) {
      const { side, peer } = await adopted(scene, latin1('never read'));
      side[drop]();
      await scene.allClosed(side);
      peer.setReading(true);
      await scene.until('the peer notices', () => peer.ended || peer.closed);
      scene.expect(side.reads).toBe(0);
    }
  },

  'an adopted socket that its peer has left reads what came before, then the end': async (scene) => {
    const { adopter, connect } = foreignSockets(scene);
    const stand = await scene.listen();
    stand.inAccept = (side) => {
      side.write('last words');
      side.shutdown();
    };
    const handle = await scene.settled(connect(stand.address));
    await scene.settle();
    const side = scene.side('adopted', adopter.adopt(handle, latin1('before: ')));
    side.setReading(true);
    await scene.until('the end', () => side.ended);
    scene.expect(side.text).toBe('before: last words');
    side.shutdown();
    await scene.allClosed(side);
  },

  'a socket that is gone is an adopt failure': async (scene) => {
    const { adopter, connect, destroy } = foreignSockets(scene);
    const stand = await scene.listen();
    const handle = await scene.settled(connect(stand.address));
    destroy(handle);
    let thrown: unknown = null;
    let endpoint: Endpoint | null = null;
    try {
      endpoint = adopter.adopt(handle, latin1('x'));
    } catch (error) {
      thrown = error;
    }
    scene.expect(endpoint).toBe(null);
    scene.expect(thrown instanceof TransportError && thrown.operation).toBe('adopt');
  },
};
