import type { SupervisedListener } from '@sluice/supervision';
import { TransportError } from '@sluice/transport';
import * as Effect from 'effect/Effect';
import { expect, it } from 'vitest';
import { ListenerStart } from '../src/listener-start.ts';
import { ListenersFailed } from '../src/listeners-failed.ts';

const opened = {} as SupervisedListener;
const inUse = new TransportError('listen', 'addressInUse');

it('What can be opened is opened, and a start that is complete succeeds', async () => {
  const start = new ListenerStart();
  expect(await Effect.runPromise(start.open('http', '127.0.0.1:1', Effect.succeed(opened)))).toEqual([opened]);
  await Effect.runPromise(start.complete);
});

it('What cannot be opened fails the start in the end, all of it, and names the listener of this gateway that is in the way', async () => {
  const start = new ListenerStart();
  await Effect.runPromise(start.open('http', '0.0.0.0:1', Effect.succeed(opened)));
  expect(await Effect.runPromise(start.open('admin', '127.0.0.1:1', Effect.fail(inUse)))).toEqual([]);
  expect(await Effect.runPromise(start.open('command', '127.0.0.1:2', Effect.fail(inUse)))).toEqual([]);
  const error = await Effect.runPromise(Effect.flip(start.complete));
  expect(error).toBeInstanceOf(ListenersFailed);
  expect(error.failures).toEqual([
    { setting: 'admin', address: '127.0.0.1:1', error: inUse, rival: { setting: 'http', address: '0.0.0.0:1' } },
    { setting: 'command', address: '127.0.0.1:2', error: inUse, rival: null },
  ]);
});
