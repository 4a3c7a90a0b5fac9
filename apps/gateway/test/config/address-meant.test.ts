import { describe, expect, it } from 'vitest';
import { addressMeant, listenMeant, portProblem } from '../../src/config/address-meant.ts';

describe('addressMeant', () => {
  it.each([
    ['8080', '127.0.0.1:8080'],
    [':8080', '127.0.0.1:8080'],
    [' 0 ', '127.0.0.1:0'],
    ['*:8080', '0.0.0.0:8080'],
    ['::1:8080', '[::1]:8080'],
    ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['HTTPS://[::1]:443', '[::1]:443'],
    ['http://8080', '127.0.0.1:8080'],
  ])('%j is %s', (text, address) => {
    expect(addressMeant(text)).toBe(address);
  });

  it.each(['', '127.0.0.1:8080', 'systemd', '65536', ':', '*', 'localhost', '08', '1e3', '-1', 'tcp://10.0.0.1:80', 'http://a/b', '::1'])('of %j nothing can be told', (text) => {
    expect(addressMeant(text)).toBeNull();
  });
});

describe('portProblem', () => {
  it.each(['127.0.0.1:65536', 'localhost:99999', '[::1]:123456'])('%s: the port is above 65535', (text) => {
    expect(portProblem(text)).toBe('the port is above 65535');
  });

  it.each(['', '127.0.0.1:65535', '127.0.0.1:08080', 'a b:99999', 'fd:99999', '99999', '::1:99999'])('of %j nothing is said', (text) => {
    expect(portProblem(text)).toBeNull();
  });
});

describe('listenMeant', () => {
  it.each([
    ['port', '3000', '127.0.0.1:3000'],
    ['listen', '0.0.0.0:80', '0.0.0.0:80'],
    ['host', '0.0.0.0', '0.0.0.0:8080'],
    ['host', '::1', '[::1]:8080'],
    ['hostname', 'app.example', 'app.example:8080'],
    ['bind', undefined, '127.0.0.1:8080'],
    ['port', 'a b', '127.0.0.1:8080'],
    ['root', '3000', null],
  ])('%s %s: %s', (name, value, address) => {
    expect(listenMeant(name, value)).toBe(address);
  });
});
