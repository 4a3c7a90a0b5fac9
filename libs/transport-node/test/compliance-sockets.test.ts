// The compliance suite over real sockets, the `sockets` way.

import { describe, expect, it } from 'vitest';
import { checkTransport } from '@sluice/transport/compliance';
import { nodeSetUp } from './set-up.ts';

checkTransport({ describe, it, expect }, nodeSetUp('sockets', { bareHandles: 'off' }));
