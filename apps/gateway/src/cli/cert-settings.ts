// The configuration file that `sluice cert` writes beside the certificates: a gateway that uses them and knows the client. If it is there
// already, only the client's thumbprint is added or renewed; everything else in it stays.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CertificateFiles } from './cert-files.ts';

interface Thumbprint {
  readonly thumbprint: string;
  readonly name?: string;
}

interface Settings {
  readonly commandPeers?: { readonly thumbprints?: readonly Thumbprint[] };
}

export const settingsPath = (files: CertificateFiles): string => join(files.directory, 'sluice.json');

/** Why the client cannot be added to what is there; null if it can, or if there is no file. */
export function settingsProblem(files: CertificateFiles): string | null {
  if (!existsSync(settingsPath(files))) return null;
  try {
    readThumbprints(read(files));
    return null;
  } catch {
    return 'not a configuration with thumbprints of clients; remove it to begin afresh';
  }
}

/**
 * Writes the file, or adds the client to it. Paths in it are relative to it, so that the directory can be moved.
 * @param thumbprint SHA-256 of the client's certificate
 * @returns whether the file has changed
 * @throws Error of the file system's
 */
export function writeSettings(files: CertificateFiles, name: string, thumbprint: string): boolean {
  const path = settingsPath(files);
  const isThere = existsSync(path);
  const settings = isThere ? read(files) : initialSettings(files);
  const thumbprints = readThumbprints(settings);
  if (isThere && thumbprints.some((peer) => peer.thumbprint === thumbprint)) return false;
  const others = thumbprints.filter((peer) => peer.name !== name);
  const commandPeers = { ...settings.commandPeers, thumbprints: [...others, { thumbprint, name }] };
  writeFileSync(path, `${JSON.stringify({ ...settings, commandPeers }, null, 2)}\n`);
  return true;
}

function initialSettings(files: CertificateFiles): Settings & Record<string, unknown> {
  return {
    tls: {
      cert: basename(files.certificatePath('server')),
      key: basename(files.keyPath('server')),
      ca: [basename(files.certificatePath('ca'))],
    },
    command: ['127.0.0.1:7000'],
  };
}

function read(files: CertificateFiles): Settings {
  return JSON.parse(readFileSync(settingsPath(files), 'utf8')) as Settings;
}

/** @throws TypeError if that is no list */
function readThumbprints(settings: Settings): readonly Thumbprint[] {
  const thumbprints: unknown = settings.commandPeers?.thumbprints ?? [];
  if (!Array.isArray(thumbprints)) throw new TypeError('not a list');
  return thumbprints as Thumbprint[];
}
