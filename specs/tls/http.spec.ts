// HTTP/1.1 and what stands on it, over TLS: the same specs as in clear text.

import { describe } from 'vitest';
import { overTls } from '../support/secure.ts';

overTls();
describe('RFC 9112', async () => void (await import('../rfc/http-messages.spec.ts')));
describe('RFC 9110', async () => void (await import('../rfc/http-semantics.spec.ts')));
describe('static files', async () => void (await import('../rfc/static-files.spec.ts')));
describe('event streams', async () => void (await import('../rfc/server-sent-events.spec.ts')));
