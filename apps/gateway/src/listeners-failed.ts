// Why a gateway did not start: every address that could not be opened, each with what can be done about it.

import type { TransportError } from '@sluice/transport';
import { parseAddress } from './config/index.ts';
import type { ListenerSetting } from './config/shared-ports.ts';

export interface ListenerPlace {
  readonly setting: ListenerSetting;
  readonly address: string;
}

export interface ListenFailure extends ListenerPlace {
  readonly error: TransportError;
  /** The listener of this gateway that has the port; null where there is none. */
  readonly rival: ListenerPlace | null;
}

/** Names one address of a setting: `--http 127.0.0.1:8080`. */
export type Spelling = (setting: ListenerSetting, address: string) => string;

/** Ports under this need a privilege on most systems. */
const firstFreePort = 1024;

export class ListenersFailed extends Error {
  override readonly name = 'ListenersFailed';
  readonly failures: readonly ListenFailure[];

  /** The message has a line for each. */
  constructor(failures: readonly ListenFailure[]) {
    super();
    this.failures = failures;
    this.message = this.describe((setting, address) => `${setting} ${address}`);
  }

  /** A line for each failure. */
  describe(spelling: Spelling): string {
    return this.failures.map((failure) => describeFailure(failure, spelling)).join('\n');
  }
}

function describeFailure({ setting, address, error, rival }: ListenFailure, spelling: Spelling): string {
  const subject = spelling(setting, address);
  const { port, host } = parseAddress(address);
  if (error.operation === 'resolve') return `${subject} cannot be opened: the host name ${host} is unknown; choose an address of this machine`;
  if (error.operation === 'listen') {
    switch (error.kind) {
      case 'addressInUse':
        if (rival !== null) return `${subject} has the port of ${spelling(rival.setting, rival.address)}, which includes it: choose another port, or remove one of them`;
        return `${subject} is in use by another process: choose another port, or stop the process that uses it`;
      case 'addressNotAvailable':
        return `${subject} is not an address of this machine: choose one that is, or 0.0.0.0 for all of them`;
      case 'permissionDenied':
        if (port === 0 || port >= firstFreePort) return `${subject} may not be opened by this user: choose another port, or have systemd pass the socket`;
        return `${subject} needs a privilege, because its port is under ${firstFreePort}: choose a port from ${firstFreePort} on, give the process CAP_NET_BIND_SERVICE, or have systemd pass the socket`;
    }
  }
  return `${subject} cannot be opened: ${error.detail === '' ? error.code : error.detail}`;
}
