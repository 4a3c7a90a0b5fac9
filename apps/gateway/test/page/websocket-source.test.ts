import { expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { retryAfterMs } = await pageModule('websocket-source');

it.each([
  [1001, 'retry-after-ms=1234', 1234],
  [1001, 'retry-after-ms=', 0],
  [1001, 'retry-after-ms=12345678901', 0],
  [1001, '', 0],
  [1008, 'retry-after-ms=1234', 0],
])('code %d with %j means to wait %d ms', (code, reason, ms) => expect(retryAfterMs(code, reason)).toBe(ms));
