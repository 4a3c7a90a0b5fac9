// Fail anywhere over TLS, in both of its forms: OpenSSL driven directly, and node:tls over streams. An operation of a connection fails; whatever
// it is, only that connection notices, and nothing is left of it: no secure endpoint, no connection of OpenSSL's, and all that the clear
// scenarios look for.
//
// Some operations fail in each of the four ways, other ones in each run, as `SLUICE_SEED` says (0 to 23; it is printed): one point in eight, and
// one in 24 over streams, which take longer. `SLUICE_EVERY_WAY=1` has all of them in all ways.

import { liveChannels, TlsContexts, tlsForm } from '@sluice/transport-tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patchEverything } from '../support/fault-patches.ts';
import type { Patches } from '../support/fault-points.ts';
import { playScenario, type Scenario } from '../support/fault-stage.ts';
import { secureConnections } from '../support/fault-tls.ts';
import { makePeer } from '../support/peer-certificates.ts';
import { tlsSettings } from '../support/secure.ts';

const modes = ['throwBefore', 'throwAfter', 'reset', 'end'] as const;
const seed = Number(process.env['SLUICE_SEED'] ?? Math.floor(Math.random() * 24));
const everyWay = process.env['SLUICE_EVERY_WAY'] === '1';

let patches: Patches;
let scenario: Scenario;
beforeAll(async () => {
  patches = patchEverything();
  // The gateway's wall clock begins in 2026.
  scenario = secureConnections({ tls: await tlsSettings(), peer: await makePeer('peer', { nowMs: Date.UTC(2026, 0, 1), days: 20 }) });
});
afterAll(() => patches.undo());

const forms = [
  { form: 'native', usual: 8, isThere: tlsForm() === 'native' },
  { form: 'sockets', usual: 24, isThere: true },
] as const;

describe.each(forms)('in the form $form', ({ form, usual, isThere }) => {
  const stride = everyWay ? 1 : usual;

  beforeAll(() => {
    if (form === 'sockets') patches.replace(TlsContexts.prototype, 'openNative', () => null);
  });

  it.runIf(isThere)('everything happens when nothing fails', async () => {
    const { problems, seen, points } = await playScenario({ scenario, mode: 'reset', point: 0, patches });
    expect(problems).toEqual([]);
    expect(seen).toEqual(['3', 'OK', 'OK', '5 peerClosed', '1 served', '1 drained', '1 handshakeTimeout', '1 truncated', '1 tlsFailed']);
    expect(points.reached).toBeGreaterThan(150);
    expect(liveChannels()).toBe(0);
  });

  it.runIf(isThere).each(modes)('%s: nobody else is harmed and nothing left', async (mode) => {
    const failed: string[] = [];
    let point = 1 + ((modes.indexOf(mode) * 5 + seed) % stride);
    for (; ; point += stride) {
      const { points, problems } = await playScenario({ scenario, mode, point, patches });
      if (points.hit === null) break;
      if (liveChannels() > 0) problems.push(`${liveChannels()} connections of OpenSSL's are alive`);
      for (const problem of problems) failed.push(`SLUICE_SEED=${seed} ${mode} ${point} (${points.hit}): ${problem}`);
      if (failed.length > 20) break;
    }
    expect(failed).toEqual([]);
    expect(point).toBeGreaterThan(100);
  });
});
