import { describe, expect, it } from 'vitest';
import { portIn } from '../../src/servers/server.ts';

describe('the listening line', () => {
  it.each([
    ['listening http://127.0.0.1:8080', 8080],
    ['listening http=http://127.0.0.1:45123 admin=http://127.0.0.1:9090', 45_123],
    ['{"message":"listening","http":"http://[::1]:8081/"}', 8081],
  ])('%s', (line, port) => expect(portIn(line)).toBe(port));

  it('must hold a URL', () => {
    expect(() => portIn('listening')).toThrow('no URL');
  });
});
