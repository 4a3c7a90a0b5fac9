import { describe, expect, it } from 'vitest';
import { inheritedSockets, withInherited } from '../../src/adoption/inherited-sockets.ts';
import { loaded } from '../config/loading.ts';

const pid = 4711;

describe('inheritedSockets', () => {
  it('are counted from descriptor 3 on, with their names', () => {
    expect(inheritedSockets({ LISTEN_PID: '4711', LISTEN_FDS: '3', LISTEN_FDNAMES: 'http:admin' }, pid)).toEqual([
      { descriptor: 3, name: 'http' },
      { descriptor: 4, name: 'admin' },
      { descriptor: 5, name: '' },
    ]);
    expect(inheritedSockets({ LISTEN_PID: '4711', LISTEN_FDS: '1' }, pid)).toEqual([{ descriptor: 3, name: '' }]);
  });

  it.each([
    ['nothing', {}],
    ['another process', { LISTEN_PID: '4712', LISTEN_FDS: '1' }],
    ['no process', { LISTEN_FDS: '1' }],
    ['no sockets', { LISTEN_PID: '4711', LISTEN_FDS: '0' }],
    ['what is no number', { LISTEN_PID: '4711', LISTEN_FDS: 'three' }],
    ['a number beyond any', { LISTEN_PID: '4711', LISTEN_FDS: '1000000' }],
    ['a negative number', { LISTEN_PID: '4711', LISTEN_FDS: '-1' }],
  ])('are none for %s', (_what, env) => {
    expect(inheritedSockets(env, pid)).toEqual([]);
  });
});

describe('withInherited', () => {
  const config = (file: object) => loaded({ file: { admin: 'off', insecure: true, ...file } }).config;
  const sockets = ['sluice.socket', 'admin', 'http', 'command'].map((name, index) => ({ descriptor: index + 3, name }));

  it('puts the sockets of its name in the place of systemd, and those of no listener in that of http', () => {
    const { config: made, unused } = withInherited(config({ http: ['127.0.0.1:0', 'systemd'], admin: 'systemd' }), sockets);
    expect(made.http).toEqual(['127.0.0.1:0', 'fd:3', 'fd:5']);
    expect(made.admin).toBe('fd:4');
    expect(unused).toEqual([{ descriptor: 6, name: 'command' }]);
  });

  it('puts all of them in its place among the addresses with the PROXY protocol', () => {
    const proxied = config({ http: ['127.0.0.1:0', 'systemd'], trustedProxies: ['10.0.0.1'], proxyProtocol: ['systemd', '127.0.0.1:0'] });
    expect(withInherited(proxied, sockets).config.proxyProtocol).toEqual(['fd:3', 'fd:5', '127.0.0.1:0']);
  });

  it('leaves everything else alone', () => {
    const before = config({ http: ['127.0.0.1:0', 'fd:7'] });
    expect(withInherited(before, [])).toEqual({ config: before, unused: [] });
    expect(withInherited(before, [{ descriptor: 7, name: 'command' }]).unused).toEqual([]);
  });

  it('says in one sentence what is missing, or too much', () => {
    expect(() => withInherited(config({ http: ['systemd'] }), [])).toThrow('http is systemd, but no socket was passed for it');
    expect(() => withInherited(config({ admin: 'systemd' }), sockets.slice(0, 1))).toThrow('admin is systemd, but no socket');
    const two = [3, 4].map((descriptor) => ({ descriptor, name: 'admin' }));
    expect(() => withInherited(config({ admin: 'systemd' }), two)).toThrow('admin is one address, but 2 sockets were passed for it');
  });
});
