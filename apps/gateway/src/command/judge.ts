// Whether a peer may use the command listener, by its certificate. TLS has let any certificate pass; this is where it is judged. The
// order of the questions and the texts are part of the protocol.

import type { PeerCertificate } from '@sluice/transport';
import type { CommandPeers } from './command-peers.ts';

export type Verdict = { readonly admitted: true; readonly name: string } | { readonly admitted: false; readonly text: string };

/** `certificate` is null for a peer that sent none; `nowMs` counts from 1970. A certificate's last millisecond is still its own. */
export function judge(certificate: PeerCertificate | null, peers: CommandPeers, nowMs: number): Verdict {
  if (certificate === null) return refused('No certificate was sent, but this is required, aborting.');
  if (nowMs > certificate.validToMs) return refused('Certificate expired');
  if (nowMs < certificate.validFromMs) return refused("Certificate isn't valid yet");
  const name = peers.nameOf(certificate);
  return name === null ? refused(`Unfamiliar certificate ${certificate.sha1}`) : { admitted: true, name };
}

function refused(text: string): Verdict {
  return { admitted: false, text };
}
