// A server under measurement, whichever it is.

/**
 * Two are the gateway again, to be compared with: `unwatched`, the same process while nobody looks at the inspector, and `uninspected`, one that was
 * started without inspection.
 */
export const serverNames = ['gateway', 'ws', 'node:http', 'bun', 'nginx', 'unwatched', 'uninspected'] as const;
export type ServerName = (typeof serverNames)[number];

export interface RunningServer {
  readonly port: number;
  /** Of the gateway: where the inspector is. */
  readonly adminPort?: number;
  /** All processes whose CPU and memory count. */
  readonly pids: readonly number[];
  /** Whether SIGUSR2 makes it collect garbage. */
  readonly collects: boolean;
  stop(): Promise<void>;
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface StartOptions {
  /** Directory of static files. */
  readonly root: string;
  /** Start it so that its memory can be measured. */
  readonly forMemory: boolean;
  /** Where given, it speaks TLS with this certificate. */
  readonly tls?: CertificateFiles | null;
}

export interface Launcher {
  readonly name: ServerName;
  /** Its version, or why it cannot run here. */
  probe(): { readonly version: string } | { readonly missing: string };
  start(options: StartOptions): Promise<RunningServer>;
}

const urlWithPort = /https?:\/\/(?:\[[^\]]+\]|[^\s:/"',]+):(\d+)/;

/** The port of the first URL in a server's `listening` line. Throws when there is none. */
export function portIn(line: string): number {
  const port = urlWithPort.exec(line)?.[1];
  if (port === undefined) throw new Error(`no URL with a port in: ${line}`);
  return Number(port);
}

/** The same of the URL behind the word `admin`. Throws when there is none. */
export function adminPortIn(line: string): number {
  return portIn(/\badmin\b.*/.exec(line)?.[0] ?? '');
}
