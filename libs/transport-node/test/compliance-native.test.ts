// The compliance suite over real sockets, the `native` way.

import { describe, expect, it } from 'vitest';
import { checkTransport } from '@sluice/transport/compliance';
import { nativeIo } from '../src/native-io.ts';
import { nodeSetUp } from './set-up.ts';

describe.runIf(nativeIo() !== null)('where this platform has it', () => {
  checkTransport({ describe, it, expect }, nodeSetUp('native', {}));
});
