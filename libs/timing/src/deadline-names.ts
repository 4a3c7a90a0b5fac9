// The ten deadlines a connection can have. A name is a string outside and one byte inside the table.

/**
 * - `idle`: no bytes came for too long; re-armed by every inbound read
 * - `sustain`: absolute cap on the life of a connection
 * - `listen`: no connection was accepted for too long; re-armed by every accept
 * - `throttleIn`, `throttleOut`: a throttled direction may go on
 * - `connecting`, `dnsResolve`: making an outbound connection took too long
 * - `close`: the peer did not finish closing
 * - `handshake`: TLS, greeting or upgrade took too long
 * - `reconnect`: time for the next attempt
 */
export const deadlineNames = [
  'idle',
  'sustain',
  'listen',
  'throttleIn',
  'throttleOut',
  'connecting',
  'dnsResolve',
  'close',
  'handshake',
  'reconnect',
] as const;

export type DeadlineName = (typeof deadlineNames)[number];

/** The place of a name in `deadlineNames`. A switch over constants: no hash look-up on the path of every read. */
export function deadlineCode(name: DeadlineName): number {
  switch (name) {
    case 'idle':
      return 0;
    case 'sustain':
      return 1;
    case 'listen':
      return 2;
    case 'throttleIn':
      return 3;
    case 'throttleOut':
      return 4;
    case 'connecting':
      return 5;
    case 'dnsResolve':
      return 6;
    case 'close':
      return 7;
    case 'handshake':
      return 8;
    case 'reconnect':
      return 9;
  }
}
