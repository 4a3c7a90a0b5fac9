// Who may use the command listener: the thumbprints of client certificates, each with the name its peer goes by. Replaced as a whole
// when the configuration is read again; who was let in before stays.

import type { PeerCertificate } from '@sluice/transport';
import { canonicalThumbprint } from '../config/index.ts';

export interface ThumbprintSetting {
  /** SHA-1 or SHA-256, in hexadecimal digits of any case, with colons between pairs or without. */
  readonly thumbprint: string;
  readonly name: string;
}

export class CommandPeers {
  #names: ReadonlyMap<string, string>;

  constructor(settings: readonly ThumbprintSetting[]) {
    this.#names = namesOf(settings);
  }

  /** For those who are judged from now on. */
  replace(settings: readonly ThumbprintSetting[]): void {
    this.#names = namesOf(settings);
  }

  /** The name that goes with the certificate; null for an unknown one. */
  nameOf({ sha1, sha256 }: PeerCertificate): string | null {
    return this.#names.get(sha256) ?? this.#names.get(sha1) ?? null;
  }
}

function namesOf(settings: readonly ThumbprintSetting[]): ReadonlyMap<string, string> {
  return new Map(settings.map(({ thumbprint, name }) => [canonicalThumbprint(thumbprint), name]));
}
