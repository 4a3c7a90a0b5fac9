import { expect, it } from 'vitest';
import { HubError } from '../src/index.ts';

it('says whose fault it is and what a peer is told', () => {
  expect(new HubError('payloadTooLarge', '9 bytes')).toMatchObject({ name: 'HubError', fault: 'peer', status: 413, message: 'payloadTooLarge: 9 bytes' });
  expect(new HubError('topicTooLong', '')).toMatchObject({ fault: 'peer', status: 414 });
  expect(new HubError('publishLoop', '')).toMatchObject({ fault: 'caller', status: 500 });
});
