import type { PeerCertificate } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { CommandPeers } from '../../src/command/command-peers.ts';
import { judge } from '../../src/command/judge.ts';

const sha1 = 'AB'.repeat(20);
const certificate = (from: number, to: number): PeerCertificate => ({
  subject: 'CN=client',
  issuer: 'CN=client',
  validFromMs: from,
  validToMs: to,
  sha1,
  sha256: 'CD'.repeat(32),
  authorized: false,
  reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
});
const known = new CommandPeers([{ thumbprint: sha1, name: 'Ada' }]);
const nobody = new CommandPeers([]);

describe('A peer is judged by its certificate', () => {
  it('and let in by its thumbprint, whatever TLS thinks of it', () => {
    expect(judge(certificate(100, 200), known, 150)).toEqual({ admitted: true, name: 'Ada' });
  });

  it.each([
    ['No certificate was sent, but this is required, aborting.', null],
    ['Certificate expired', certificate(100, 149)],
    ["Certificate isn't valid yet", certificate(151, 200)],
    [`Unfamiliar certificate ${sha1}`, certificate(100, 200)],
  ])('%s', (text, one) => {
    expect(judge(one, nobody, 150)).toEqual({ admitted: false, text });
  });

  it('asked in that order: a certificate of the wrong time is not looked up, and expiry comes first', () => {
    expect(judge(certificate(100, 149), known, 150)).toMatchObject({ text: 'Certificate expired' });
    expect(judge(certificate(151, 200), known, 150)).toMatchObject({ text: "Certificate isn't valid yet" });
    expect(judge(certificate(151, 149), known, 150)).toMatchObject({ text: 'Certificate expired' });
  });

  it('both ends of its time included', () => {
    expect([100, 200].map((now) => judge(certificate(100, 200), known, now).admitted)).toEqual([true, true]);
    expect([99, 201].map((now) => judge(certificate(100, 200), known, now).admitted)).toEqual([false, false]);
  });
});
