import { describe, expect, it } from 'vitest';
import { adminPortIn, portIn } from '../../src/servers/server.ts';

describe('the listening line', () => {
  it.each([
    ['listening http://127.0.0.1:8080', 8080],
    ['listening http=http://127.0.0.1:45123 admin=http://127.0.0.1:9090', 45_123],
    ['{"message":"listening","http":"http://[::1]:8081/"}', 8081],
  ])('%s', (line, port) => expect(portIn(line)).toBe(port));

  it('must hold a URL', () => {
    expect(() => portIn('listening')).toThrow('no URL');
    expect(() => adminPortIn('listening http://127.0.0.1:8080/')).toThrow('no URL');
  });

  it('names the admin listener apart', () => {
    const line = 'listening http://127.0.0.1:8080/ command tls://127.0.0.1:7000/ admin http://127.0.0.1:9090/';
    expect([portIn(line), adminPortIn(line)]).toEqual([8080, 9090]);
  });
});
