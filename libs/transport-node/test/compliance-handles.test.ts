// The compliance suite over real sockets, the `handles` way.

import { describe, expect, it } from 'vitest';
import { checkTransport } from '@sluice/transport/compliance';
import { tcpInternals } from '../src/tcp-handle.ts';
import { nodeSetUp } from './set-up.ts';

describe.runIf(tcpInternals() !== null)('where this platform has it', () => {
  checkTransport({ describe, it, expect }, nodeSetUp('handles', { nativeIo: 'off' }));
});
