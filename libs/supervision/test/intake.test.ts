// Sockets that were accepted elsewhere, by something that is no listener of ours.

import type { Endpoint } from '@sluice/transport';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';
import { describe, expect, it } from 'vitest';
import { EventLoop, superviseIntake, type Intake } from '../src/index.ts';
import { play, Stage } from './support/stage.ts';

/** Where what is accepted goes to `take`. */
function accepting(stage: Stage, take: (endpoint: Endpoint) => void): number {
  return stage.network.listen({ host: 'memory', port: 0 }, { onAccept: take, onError() {}, onClose() {} }).address.port;
}

/** Adopts an endpoint, one of whose steps fails; the step is not carried out. */
function adoptBroken(step: string, intake: Intake, stage: Stage, endpoint: Endpoint): void {
  const broken = (): never => {
    throw new Error(`${step} broke`);
  };
  const holder: object = step === 'subpool' ? stage.pool : endpoint;
  Object.defineProperty(holder, step, { ...(step === 'peer' ? { get: broken } : { value: broken }), configurable: true });
  intake.adopt(endpoint, Buffer.from('read already'));
  // What is written is written at the end of the turn.
  if (step !== 'write') Reflect.deleteProperty(holder, step);
}

describe('an intake', () => {
  it('makes connections of sockets accepted elsewhere, what was read of them first, and ends them with its scope', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const scope = yield* Scope.make();
        const intake = yield* Scope.provide(superviseIntake(stage.options()), scope);
        const port = accepting(stage, (endpoint) => intake.adopt(endpoint, Buffer.from('before ')));
        const client = stage.connect(port);
        stage.say(client, 'after');
        expect(client.text).toBe('before after');
        expect(intake.connections).toBe(1);
        yield* Scope.close(scope, Exit.void);
        stage.settle();
        expect(client.ended).not.toBeNull();
        const late = stage.connect(port);
        expect(late).toMatchObject({ text: '', ended: 'closed' });
        expect([intake.connections, intake.cutOff, stage.registry.opened]).toEqual([0, 1, 1]);
      }),
    );
    expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('does not look at what a refused peer has sent already', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const { adopt } = yield* superviseIntake(stage.options({ maxConnections: 0 }));
        const port = accepting(stage, (endpoint) => adopt(endpoint, Buffer.from('crash')));
        expect(stage.connect(port).text).toBe('full');
        expect(stage.crashes).toEqual([]);
      }),
    );
  });

  it('does not do a TLS handshake only to say that it was one too many', async () => {
    const stage = new Stage();
    await play(
      stage,
      Effect.gen(function* () {
        const intake = yield* superviseIntake(stage.options({ admitPeer: () => false }));
        const port = accepting(stage, (endpoint) => intake.adopt(Object.assign(endpoint, { secureSession: null })));
        expect(stage.connect(port)).toMatchObject({ text: '', ended: 'closed' });
        expect([intake.cutOff, stage.registry.opened]).toEqual([1, 0]);
      }),
    );
  });

  for (const step of ['subpool', 'attach', 'setReading', 'write', 'peer']) {
    it(`closes the socket and holds nothing when ${step} fails, and goes on`, async () => {
      const stage = new Stage();
      await play(
        stage,
        Effect.gen(function* () {
          const { wheel } = yield* EventLoop;
          const intake = yield* superviseIntake(stage.options({ admitPeer: ({ host }) => host !== '' }));
          let broken = true;
          const port = accepting(stage, (endpoint) => {
            if (broken) adoptBroken(step, intake, stage, endpoint);
            else intake.adopt(endpoint);
          });
          const client = stage.connect(port);
          // Where only the close time-out is left to end it, that does.
          stage.network.clock.advanceBy(30_000);
          expect(client.ended).not.toBeNull();
          expect(stage.crashes.length + stage.troubles.length).toBeGreaterThan(0);
          expect([stage.registry.size, wheel.size]).toEqual([0, 0]);
          expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
          broken = false;
          const next = stage.connect(port);
          stage.say(next, 'hello');
          expect(next.text).toBe('hello');
        }),
      );
    });
  }
});
