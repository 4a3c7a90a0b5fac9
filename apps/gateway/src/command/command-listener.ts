// A listener of the command protocol, over TLS or, on this machine only, in the clear: with `secureTransport` and contexts that
// request a certificate its peers are judged, with a bare transport everybody is let in.

import { CommandEngine } from '@sluice/command';
import { CommandSession } from '@sluice/connection';
import { superviseListener, type EventLoop, type ListenerOptions, type SupervisedListener } from '@sluice/supervision';
import type { TransportError } from '@sluice/transport';
import type * as Effect from 'effect/Effect';
import type * as Scope from 'effect/Scope';
import { CommandConnection, type CommandConnectionOptions } from './command-connection.ts';

export interface CommandListenerOptions extends Omit<ListenerOptions, 'makeSession'> {
  readonly commands: CommandConnectionOptions;
  readonly settings: CommandListenerSettings;
  /** Milliseconds after which a client comes back that the gateway sends away. */
  readonly retryHint: () => number;
}

export interface CommandListenerSettings {
  /** Of a request, head and body together. */
  readonly maxMessageBytes: number;
  /** Requests of one connection that wait for replies. */
  readonly maxInFlight: number;
  readonly idleTimeoutMs: number;
}

/** What a peer gets in the clear for which there is no descriptor: the protocol's refusal, before anything of it is read. */
export const overloadRefusal: Uint8Array = Buffer.from('ERR: There are more connections than this server holds.\r\n');

export function commandListener({
  commands,
  settings: { maxMessageBytes, maxInFlight, idleTimeoutMs },
  retryHint,
  ...listener
}: CommandListenerOptions): Effect.Effect<SupervisedListener, TransportError, EventLoop | Scope.Scope> {
  const limits = { maxMessageBytes, maxInFlight };
  const options = { idleTimeoutMs, retryHint };
  return superviseListener({
    ...listener,
    makeSession: (pool) => new CommandSession(new CommandEngine({ role: 'server', pool, limits }), new CommandConnection(commands), options),
  });
}
