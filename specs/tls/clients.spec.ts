// Clients not written here, over TLS: the same specs as in clear text.

import { describe } from 'vitest';
import { overTls } from '../support/secure.ts';

overTls();
describe('curl', async () => void (await import('../clients/curl.spec.ts')));
describe('eventsource', async () => void (await import('../clients/eventsource.spec.ts')));
describe('node:https', async () => void (await import('../clients/node-http.spec.ts')));
describe('undici', async () => void (await import('../clients/undici.spec.ts')));
describe('ws', async () => void (await import('../clients/ws.spec.ts')));
