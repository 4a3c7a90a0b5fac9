// What the gateway's admin listener answers below /inspection/. Types that the libs have are theirs; the rest is put together here.

import type { CloseReason } from '@sluice/connection';
import type { ActorRecording, ConnectionDescription, Recording } from '@sluice/inspection';

export type { ActorRecording, CloseReason, Recording };

/** XState's form of a state: `{established: {inbound: 'flowing', outbound: 'clear'}}`. */
export type StateValue = ConnectionDescription['value'];

export interface ConnectionRow {
  readonly id: number;
  readonly sessionId: string;
  /** `established(inbound.flowing outbound.clear)`. */
  readonly state: string;
  readonly phase: string;
  readonly protocol: string;
  readonly peer: string;
  readonly ageMs: number;
  readonly queuedBytes: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rateInBytesPerSecond: number;
  readonly rateOutBytesPerSecond: number;
  readonly topics: readonly string[];
  readonly tags: readonly string[];
  readonly name?: string | null;
}

export interface ConnectionPage {
  readonly total: number;
  readonly matched: number;
  readonly offset: number;
  readonly atMs: number;
  readonly connections: readonly ConnectionRow[];
}

export type ConnectionActionName = 'quench' | 'resume' | 'throttle' | 'drain' | 'abort';

export interface ConnectionAction {
  readonly action: ConnectionActionName;
  readonly direction?: 'in' | 'out';
  /** 0: none. */
  readonly bytesPerSecond?: number;
}

/** One connection. `tags` are those of its state in the chart, `clientTags` those its client has. */
export interface ConnectionDetail extends ConnectionDescription {
  readonly id: number;
  readonly chart: string;
  readonly topics?: readonly string[];
  readonly clientTags?: readonly string[];
  readonly name?: string | null;
  readonly request?: { readonly uri: string; readonly userAgent?: string | null; readonly origin?: string | null } | null;
  readonly rateInBytesPerSecond?: number;
  readonly rateOutBytesPerSecond?: number;
  /** Session id of the listener that it came by. */
  readonly listener?: string | null;
  /** An operator has asked for it; our own window may be full besides. */
  readonly isQuenched?: boolean;
  /** Those possible now. */
  readonly actions?: readonly ConnectionActionName[];
  readonly atMs?: number;
}

/** What moves in a connection between two steps of its chart. */
export interface Gauges {
  readonly atMs: number;
  readonly queuedBytes: number;
  readonly allowanceBytes: number;
  readonly highBytes: number;
  readonly lowBytes: number;
  readonly heldBytes: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rateInBytesPerSecond: number;
  readonly rateOutBytesPerSecond: number;
  readonly throttleInBytesPerSecond: number;
  readonly throttleOutBytesPerSecond: number;
  readonly isQuenched?: boolean;
  readonly timers: readonly { readonly name: string; readonly leftMs: number }[];
}

export interface ClosedRow {
  readonly id: number;
  readonly sessionId: string;
  readonly protocol: string;
  readonly peer: string;
  readonly reason: string;
  /** In ms since 1970. */
  readonly openedAtMs: number;
  readonly ageMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface ClosedPage {
  readonly total: number;
  readonly matched: number;
  readonly closed: readonly ClosedRow[];
  /** Over all that are kept, whatever the filter. */
  readonly reasons?: Readonly<Record<string, number>>;
}

export interface ChartDocument {
  readonly id: string;
  readonly title: string;
  readonly svg: string;
}

export type NodeKind = 'gateway' | 'listener' | 'hub' | 'admin' | 'connector' | 'worker';

export interface TreeNode {
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly kind: NodeKind;
  readonly label: string;
  /** The chart it runs. */
  readonly machine: string | null;
  readonly state: string | null;
  readonly activeStates: readonly string[];
  readonly restarts: number;
  readonly connections: number | null;
}

export interface Tree {
  readonly nodes: readonly TreeNode[];
}

/** Counts are since the gateway started. */
export interface TotalsSample {
  readonly atMs: number;
  readonly open?: number;
  readonly byPhase: Readonly<Record<string, number>>;
  readonly byProtocol: Readonly<Record<string, number>>;
  readonly closes: Readonly<Record<string, number>>;
  readonly opened: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly loopDelayP99Ms: number;
  readonly rssBytes: number;
}
