// The rules for TLS among the settings, before any file is looked at.

import { expect, it } from 'vitest';
import { problems, type Given } from './loading.ts';

const exposedHttp = (where: string, address: string) =>
  `${where}: ${address} is reached from other machines, and there is no authentication: set auth.tokens, or insecure if that is meant`;

// Files are looked at too, and there are none: only the rules are looked at here.
const rulesOnly = (given: Given) => problems(given).filter((problem) => !problem.includes('cannot be read'));
const cert = ['--tls-cert', 'c.pem', '--tls-key', 'k.pem'];

it.each<[string[], string[]]>([
  [['--tls-cert', 'c.pem'], ['--tls-cert: needs tls.key as well']],
  [['--tls-key', 'k.pem'], ['--tls-key: needs tls.cert as well']],
  [['--https', '127.0.0.1:1'], ['--https: needs a certificate: set tls.cert and tls.key']],
  [['--tls-admin'], ['--tls-admin: needs a certificate: set tls.cert and tls.key']],
  [[...cert, '--tls-client-certificate', 'require'], ['--tls-client-certificate: needs tls.ca: the certificates that those of clients have to lead to']],
  [[...cert, '--https', '127.0.0.1:8080'], ['--https: 127.0.0.1:8080 is an address of http already']],
  [[...cert, '--https', '127.0.0.1:9090'], ['admin: 127.0.0.1:9090 is an address of https already']],
  [[...cert, '--https', '127.0.0.1:1', '--tls-admin'], []],
])('%j', (argv, expected) => expect(rulesOnly({ argv })).toEqual(expected));

it('is no authentication by itself', () => {
  expect(rulesOnly({ argv: [...cert, '--http', '0.0.0.0:80'] })).toEqual([exposedHttp('--http', '0.0.0.0:80')]);
  expect(rulesOnly({ argv: [...cert, '--https', '0.0.0.0:80'] })).toEqual([exposedHttp('--https', '0.0.0.0:80')]);
});

it("with clients' certificates required it is one, for the addresses that speak TLS", () => {
  const required = [...cert, '--tls-ca', 'ca.pem', '--tls-client-certificate', 'require'];
  expect(rulesOnly({ argv: [...required, '--http', '0.0.0.0:80'] })).toEqual([]);
  expect(rulesOnly({ argv: [...required, '--https', '0.0.0.0:81', '--http', '0.0.0.0:80'] })).toEqual([exposedHttp('--http', '0.0.0.0:80')]);
  expect(rulesOnly({ argv: [...required, '--admin', '0.0.0.0:82'] })).toHaveLength(1);
  expect(rulesOnly({ argv: [...required, '--admin', '0.0.0.0:82', '--tls-admin'] })).toEqual([]);
});

it('asking for certificates, and taking any, is none', () => {
  expect(rulesOnly({ argv: [...cert, '--tls-client-certificate', 'request', '--http', '0.0.0.0:80'] })).toHaveLength(1);
});
