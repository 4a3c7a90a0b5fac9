import { TransportError, type TransportErrorKind } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { ListenersFailed, type ListenFailure } from '../src/listeners-failed.ts';

function failure(address: string, kind: TransportErrorKind, more: Partial<ListenFailure> = {}): ListenFailure {
  return { setting: 'http', address, error: new TransportError('listen', kind), rival: null, ...more };
}

describe('ListenersFailed', () => {
  it('has a line for each address that could not be opened, with the setting and what to do', () => {
    const error = new ListenersFailed([failure('127.0.0.1:8080', 'addressInUse'), failure('127.0.0.1:80', 'permissionDenied', { setting: 'admin' })]);
    expect(error.message.split('\n')).toEqual([
      'http 127.0.0.1:8080 is in use by another process: choose another port, or stop the process that uses it',
      'admin 127.0.0.1:80 needs a privilege, because its port is under 1024: choose a port from 1024 on, give the process CAP_NET_BIND_SERVICE, or have systemd pass the socket',
    ]);
    expect(error.describe((setting, address) => `--${setting} ${address}`)).toBe(error.message.replaceAll(/^/gm, '--'));
  });

  it.each<[ListenFailure, string]>([
    [failure('10.9.9.9:80', 'addressNotAvailable'), 'http 10.9.9.9:80 is not an address of this machine: choose one that is, or 0.0.0.0 for all of them'],
    [failure('127.0.0.1:2049', 'permissionDenied'), 'http 127.0.0.1:2049 may not be opened by this user: choose another port, or have systemd pass the socket'],
    [
      failure('127.0.0.1:80', 'addressInUse', { rival: { setting: 'command', address: '0.0.0.0:80' } }),
      'http 127.0.0.1:80 has the port of command 0.0.0.0:80, which includes it: choose another port, or remove one of them',
    ],
    [failure('nowhere:80', 'notFound', { error: new TransportError('resolve', 'notFound') }), 'http nowhere:80 cannot be opened: the host name nowhere is unknown; choose an address of this machine'],
    [failure('[::]:80', 'other', { error: new TransportError('listen', 'other', 'EAFNOSUPPORT') }), 'http [::]:80 cannot be opened: EAFNOSUPPORT'],
    [failure('fd:9', 'other', { error: new TransportError('adopt', 'other', 'EBADF', 'descriptor 9 is not open') }), 'http fd:9 cannot be opened: descriptor 9 is not open'],
  ])('%#: %s', (one, line) => {
    expect(new ListenersFailed([one]).message).toBe(line);
  });
});
