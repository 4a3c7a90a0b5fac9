// Client certificates of every kind that the command listener tells apart, as pairs and as files.

import { X509Certificate } from 'node:crypto';
import { Issuer, makeAuthority, type MadeCertificate } from '@sluice/gateway/cert-maker';
import { testAuthority } from './secure.ts';

const day = 24 * 3600 * 1000;

/** `missing` is no certificate at all. */
export const peerKinds = ['good', 'missing', 'expired', 'future', 'unknown'] as const;
export type PeerKind = (typeof peerKinds)[number];

export interface PeerCertificate extends MadeCertificate {
  /** Files that hold the two. */
  readonly files: { readonly cert: string; readonly key: string };
  /** Thumbprints as openssl prints them, with colons. */
  readonly sha1: string;
  readonly sha256: string;
  /** Without colons, as the gateway says it. */
  readonly hex: string;
}

export interface Period {
  /** A certificate is good from an hour before. */
  readonly nowMs: number;
  readonly days: number;
}

let count = 0;

/** A client's certificate of the CA that this process's gateways serve with, or of one that nobody knows. */
export async function makePeer(name: string, period: Period, isStranger = false): Promise<PeerCertificate> {
  const authority = await testAuthority();
  const issuer = isStranger ? await Issuer.of(await makeAuthority({ nowMs: Date.now(), days: 3650 })) : authority.issuer;
  const made = await issuer.client(name, period);
  const { fingerprint, fingerprint256 } = new X509Certificate(made.certificate);
  const files = authority.write(`peer-${++count}-${name}`, made);
  return { ...made, files, sha1: fingerprint, sha256: fingerprint256, hex: fingerprint.replaceAll(':', '') };
}

export type PeerSet = Readonly<Record<Exclude<PeerKind, 'missing'>, PeerCertificate>>;

/** One of each kind, for a gateway whose clock shows `nowMs`. `unknown` is of a CA that nobody knows. */
export async function makePeers(nowMs = Date.now()): Promise<PeerSet> {
  return {
    good: await makePeer('good', { nowMs, days: 20 }),
    expired: await makePeer('expired', { nowMs: nowMs - 10 * day, days: 9 }),
    future: await makePeer('future', { nowMs: nowMs + day, days: 10 }),
    unknown: await makePeer('unknown', { nowMs, days: 20 }, true),
  };
}

/** The one line that a peer of that kind is sent first. */
export function answerTo(kind: PeerKind, peers: PeerSet): string {
  switch (kind) {
    case 'good':
      return 'OK\r\n';
    case 'missing':
      return 'ERR: No certificate was sent, but this is required, aborting.\r\n';
    case 'expired':
      return 'ERR: Certificate expired\r\n';
    case 'future':
      return "ERR: Certificate isn't valid yet\r\n";
    case 'unknown':
      return `ERR: Unfamiliar certificate ${peers.unknown.hex}\r\n`;
  }
}

/** `commandPeers.thumbprints`: all but the unknown one, so that time alone speaks against the others. */
export function thumbprintsOf({ good, expired, future }: PeerSet): object[] {
  return Object.entries({ good, expired, future }).map(([name, { sha256 }]) => ({ name, thumbprint: sha256 }));
}
