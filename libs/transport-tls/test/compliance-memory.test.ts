// The compliance suite over TLS over the network in memory, both versions, both forms.

import { describe, expect, it } from 'vitest';
import { checkTransport } from '@sluice/transport/compliance';
import { Certificates } from './certificates.ts';
import { forms } from './forms.ts';
import { tlsOverMemory } from './set-up.ts';

const certificates = new Certificates();
process.on('exit', () => certificates.remove());

for (const form of forms) {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) checkTransport({ describe, it, expect }, tlsOverMemory(certificates, form, version, { seed: 1 }));
}
