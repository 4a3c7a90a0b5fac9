import type { PeerCertificate } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { CommandPeers } from '../../src/command/command-peers.ts';

const sha1 = '0123456789ABCDEF0123456789ABCDEF01234567';
const sha256 = 'FEDCBA9876543210'.repeat(4);
const certificate = { sha1, sha256 } as PeerCertificate;

describe('Peers', () => {
  it.each([
    ['SHA-1', sha1],
    ['SHA-1 in lower case', sha1.toLowerCase()],
    ['SHA-1 as openssl prints it', sha1.replaceAll(/..(?=.)/g, '$&:')],
    ['SHA-256', sha256],
    ['SHA-256 in lower case with colons', sha256.toLowerCase().replaceAll(/..(?=.)/g, '$&:')],
  ])('are known by %s', (_, thumbprint) => {
    expect(new CommandPeers([{ thumbprint, name: 'Ada' }]).nameOf(certificate)).toBe('Ada');
  });

  it('are unknown by any other, and by no part of one', () => {
    const wrong = [sha1.replace('0', '1'), sha256.slice(0, 40), `${sha1}${sha1.slice(0, 24)}`];
    expect(new CommandPeers(wrong.map((thumbprint) => ({ thumbprint, name: 'Eve' }))).nameOf(certificate)).toBeNull();
  });

  it('are replaced as a whole', () => {
    const peers = new CommandPeers([{ thumbprint: sha1, name: 'Ada' }]);
    peers.replace([{ thumbprint: sha256, name: 'Grace' }]);
    expect(peers.nameOf(certificate)).toBe('Grace');
    expect(peers.nameOf({ ...certificate, sha256: '' })).toBeNull();
    peers.replace([]);
    expect(peers.nameOf(certificate)).toBeNull();
  });
});
