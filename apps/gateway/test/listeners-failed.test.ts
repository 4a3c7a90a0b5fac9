import { TransportError } from '@sluice/transport';
import { expect, it } from 'vitest';
import { ListenersFailed } from '../src/listeners-failed.ts';

it('A failed start names everything that could not be opened, a line each', () => {
  const failures = [new TransportError('listen', 'addressInUse', 'EADDRINUSE', '127.0.0.1:80'), new TransportError('listen', 'permissionDenied', 'EACCES', '0.0.0.0:81')];
  const error = new ListenersFailed(failures);
  expect(error.message.split('\n')).toEqual(failures.map(({ message }) => message));
  expect(error.failures).toBe(failures);
});
