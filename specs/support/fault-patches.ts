// Which operations are points: everything a connection passes through between its endpoint and the hub, whatever it speaks, and what is
// held for it on the way. Classes that no package exports are met when a connection first has an object of theirs.

import { Pool } from '@sluice/brigade';
import { CommandEngine } from '@sluice/command';
import { CommandSession, Connection, HttpSession, WebSocketSession, type Session } from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { Hub } from '@sluice/hub';
import { WebSocketEngine } from '@sluice/websocket';
import { isFaulty, Patches } from './fault-points.ts';

/** Of any session, also of one that is met only once it takes over. */
const sessionMethods = ['attach', 'receive', 'receiveEnd', 'step', 'setaside', 'onWritable', 'drain', 'refuse', 'probe', 'end'];
const subscriberMethods = ['deliver', 'gap', 'evict'];
const handlerMethods = ['admit', 'onOpen', 'onMessage', 'onRequest', 'onWritable', 'onDrain', 'onClose'];

const commandEngineMethods = ['receive', 'receiveEnd', 'next', 'sendGreeting', 'sendReply', 'sendFailure', 'sendShared', 'sendGoodbye', 'refuse', 'close'];

function portOf(session: object): number | null {
  return (session as Partial<Session & { connection: Connection }>).connection?.endpoint.peer.port ?? null;
}

/** Makes points of everything a connection passes through. One per process at a time. */
export function patchEverything(): Patches {
  const patches = new Patches();
  const met = new WeakSet<object>();
  const ports = new Map<string, number>();
  const portOfSubscriber = (subscriber: object): number | null => ports.get((subscriber as { id: string }).id) ?? null;
  patches.patch(HttpSession.prototype, 'HttpSession', [...sessionMethods, 'upgrade', 'takeOver', 'finishReply'], portOf);
  patches.patch(WebSocketSession.prototype, 'WebSocketSession', [...sessionMethods, 'send', 'sendShared', 'close'], portOf);
  patches.patch(CommandSession.prototype, 'CommandSession', [...sessionMethods, 'onSecure', 'reply', 'fail', 'sendShared', 'sendGap'], portOf);
  patches.patch(Http1Engine.prototype, 'Http1Engine', ['receive', 'next', 'sendHead', 'sendData', 'sendBucket', 'sendEnd', 'acceptUpgrade', 'takeLeftover']);
  patches.patch(WebSocketEngine.prototype, 'WebSocketEngine', ['receive', 'next', 'sendMessage', 'sendShared', 'close', 'sendPing']);
  patches.patch(CommandEngine.prototype, 'CommandEngine', commandEngineMethods);
  patches.patch(Hub.prototype, 'Hub', ['publish', 'join', 'history', 'presence', 'sendTextByTag', 'sendBinaryByTag']);
  patches.patch(Pool.prototype, 'Pool', ['subpool']);

  /** The classes of a session, of what handles its messages, and of its secure endpoint. */
  const meet = ({ id, endpoint }: Connection, session: Session): void => {
    if (met.has(session)) return;
    met.add(session);
    ports.set(String(id), endpoint.peer.port);
    if (!isFaulty(endpoint)) {
      const peerPort = (self: object): number => (self as Connection['endpoint']).peer.port;
      patches.patch(Object.getPrototypeOf(endpoint) as object, 'SecureEndpoint', ['setReading', 'write', 'shutdown', 'close', 'abort'], peerPort);
    }
    if (session instanceof WebSocketSession || session instanceof CommandSession) {
      // Where a rate stands in front of what a socket is to the gateway, both are met.
      const { inner } = session.handler as { inner?: object };
      for (const handler of [session.handler, ...(inner === undefined ? [] : [inner])]) {
        const prototype = Object.getPrototypeOf(handler) as object;
        patches.patch(prototype, prototype.constructor.name, subscriberMethods, portOfSubscriber);
        patches.patch(prototype, prototype.constructor.name, handlerMethods);
      }
    } else if (!(session instanceof HttpSession)) {
      const prototype = Object.getPrototypeOf(session) as object;
      patches.patch(prototype, prototype.constructor.name, subscriberMethods, portOfSubscriber);
      patches.patch(prototype, prototype.constructor.name, sessionMethods);
    }
  };
  const { start, handOver, setThrottle } = Connection.prototype;
  patches.replace(Connection.prototype, 'start', function (this: Connection, leftover?: Uint8Array | null) {
    meet(this, this.session);
    start.call(this, leftover);
  });
  patches.replace(Connection.prototype, 'handOver', function (this: Connection, next: Session, leftover: Uint8Array | null) {
    meet(this, next);
    const { points } = patches;
    if (points === null) handOver.call(this, next, leftover);
    else points.around('Connection.handOver', this.endpoint.peer.port, () => handOver.call(this, next, leftover));
  });
  // What an operator does to a connection is done on its behalf: its operations fail in it, too.
  patches.replace(Connection.prototype, 'setThrottle', function (this: Connection, direction, rate) {
    const { points } = patches;
    if (points === null) setThrottle.call(this, direction, rate);
    else points.onBehalf(this.endpoint.peer.port, () => setThrottle.call(this, direction, rate));
  });
  return patches;
}
