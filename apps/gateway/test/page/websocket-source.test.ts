import { expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { retryAfterMs } = await pageModule('websocket-source');

it.each([
  ['retry-after-ms=1234', 1234],
  ['Too many messages. retry-after-ms=100', 100],
  ['retry-after-ms=', 0],
  ['retry-after-ms=12345678901', 0],
  ['not-retry-after-ms=5', 0],
  ['', 0],
])('the reason %j means to wait %d ms', (reason, ms) => expect(retryAfterMs(reason)).toBe(ms));
