// The compliance suite over real sockets, each way the transport can work.

import { describe, expect, it } from 'vitest';
import { checkTransport } from '@sluice/transport/compliance';
import { nodeSetUp } from './set-up.ts';

describe.each([
  ['native', {}],
  ['handles', { nativeIo: 'off' }],
  ['sockets', { bareHandles: 'off' }],
] as const)('%s', (path, options) => {
  checkTransport({ describe, it, expect }, nodeSetUp(path, options));
});
