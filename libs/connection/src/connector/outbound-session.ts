// What a connector asks of the session it makes for a server, beyond being a session: any session will do, and one that knows more says so.

import type { Session } from '../session.ts';

/** The server has told this client that it does not want it. */
export interface Refusal {
  /** For a person: what the server said. */
  readonly text: string;
  /** The HTTP status or close code; null where the protocol has none. */
  readonly status: number | null;
  /** It would say the same again: no further attempt is made. */
  readonly permanent: boolean;
}

export interface OutboundSession extends Session {
  /** What the server said against this client, once it has. Looked at when the connection has closed. */
  readonly refusal?: Refusal | null;
  /** How long the server wants to be left alone, if it said so. Looked at when the connection has closed. */
  readonly retryAfterMs?: number | null;
}
