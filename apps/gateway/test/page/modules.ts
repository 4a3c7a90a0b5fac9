// The demo page's modules that need no browser. They are plain JavaScript, served as they are; here they get types.

interface Accepted {
  readonly kind: 'next' | 'duplicate' | 'gap' | 'restarted';
  readonly missing: number;
}

export interface PositionLike {
  readonly since: string | null;
  accept(epoch: string, offset: number): Accepted;
  adopt(epoch: string | null, offset: number): void;
  gapTold(missed: number): void;
}

interface Modules {
  readonly position: {
    readonly Position: (new () => PositionLike) & { parse(id: string): { epoch: string; offset: number } | null };
  };
  readonly backoff: { retryDelayMs(attempt: number, random?: () => number): number };
  readonly topic: {
    topicProblem(topic: string): string;
    topicOfHash(hash: string): string | null;
    topicPath(topic: string, query?: Record<string, unknown>): string;
    topicUrl(topic: string, family: string, query: object, location: PageLocation): string;
    commandLines(topic: string, location: PageLocation): { readonly does: string; readonly line: string }[];
  };
  readonly meter: {
    readonly Meter: new () => {
      messages: number;
      receivedBytes: number;
      readonly rate: number;
      readonly perSecond: readonly number[];
      received(byteLength: number): void;
      tick(): void;
      reset(): void;
    };
    formatBytes(bytes: number): string;
  };
  readonly 'websocket-source': { retryAfterMs(reason: string): number };
  readonly channel: {
    readonly Channel: new (source: Source, listener: Listener) => ChannelLike;
  };
}

export interface PageLocation {
  readonly protocol: string;
  readonly host: string;
}

export interface Report {
  opened(): void;
  message(message: { epoch: string; offset: number; text: string }): void;
  resumed(position: { epoch: string; offset: number }): void;
  gap(gap: { missed: number; reason: string }): void;
  retrying(reason: string): void;
  lost(reason: string, fatal: boolean, retryAfterMs?: number): void;
}

export interface Source {
  address(topic: string): string;
  connect(topic: string, since: string | null, report: Report): { close(): void; send?(text: string): boolean };
}

export interface Listener {
  state(channel: ChannelLike): void;
  message(message: { epoch: string; offset: number; text: string }): void;
  gap(gap: { missed: number; reason: string }): void;
}

export interface ChannelLike {
  readonly state: { readonly name: string; readonly reason: string; readonly retryAtMs: number };
  start(topic: string, position: PositionLike): void;
  stop(reason: string): void;
  reconnect(): void;
  send(text: string): boolean;
}

/** Imports one of them. */
export async function pageModule<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
  return (await import(new URL(`../../public/${name}.js`, import.meta.url).href)) as Modules[Name];
}
