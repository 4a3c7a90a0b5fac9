// WebSocket over TLS: the same specs as in clear text.

import { describe } from 'vitest';
import { overTls } from '../support/secure.ts';

overTls();
describe('RFC 6455, the opening handshake', async () => void (await import('../rfc/websocket-handshake.spec.ts')));
describe('RFC 6455, messages', async () => void (await import('../rfc/websocket-messages.spec.ts')));
