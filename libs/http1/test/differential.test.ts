// The same inputs through `node:http`, over real sockets. Where the two differ, the table says so and why; a difference that
// is not in the table fails, and so does a row that is no longer one.

import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, drive, server as engineServer } from './wire.ts';

const get = (fields: string, line = 'GET / HTTP/1.1') => `${line}\r\nHost: h\r\n${fields}\r\n`;
const post = (fields: string, body: string) => `${get(fields, 'POST / HTTP/1.1')}${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);

/** Inputs on which both have to agree. */
const agreed: readonly string[] = [
  get(''),
  get('') + get('A: b\r\n', 'GET /2 HTTP/1.1') + get('', 'DELETE /3 HTTP/1.1'),
  get('', 'GET /a?b=c HTTP/1.0'),
  'GET / HTTP/1.0\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n',
  `\r\n${get('')}`,
  get('', 'OPTIONS * HTTP/1.1'),
  get('', 'GET http://h/a HTTP/1.1'),
  get('A:\r\nB: \t \r\nC: d \r\n'),
  post('Content-Length: 5\r\n', 'hello'),
  post('Content-Length: 0\r\n', ''),
  post('Content-Length: 2\r\n', `ok${get('', 'GET /2 HTTP/1.1')}`),
  chunked('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'),
  chunked('5;a=b;c="d e"\r\nhello\r\n0\r\nX: y\r\n\r\n'),
  chunked('0\r\n\r\n') + get('', 'GET /2 HTTP/1.1'),
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\nHost: h\n\n',
  'GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n',
  'GET / HTTP/1.1\rHost: h\r\n\r\n',
  'GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n',
  ' GET / HTTP/1.1\r\nHost: h\r\n\r\n',
  'GET / HTTP/1.1 \r\nHost: h\r\n\r\n',
  'GET / HTTP/1.10\r\nHost: h\r\n\r\n',
  'GET / http/1.1\r\nHost: h\r\n\r\n',
  'GET / HTTP/3.7\r\nHost: h\r\n\r\n',
  'G@T / HTTP/1.1\r\nHost: h\r\n\r\n',
  '\x16\x03\x01\x02\0\x01',
  get('A : b\r\n'),
  get('A\r\n'),
  get(': b\r\n'),
  get('A\0: b\r\n'),
  get('A: b\0c\r\n'),
  get('A: b\rc\r\n'),
  get('A: b\x01c\r\n'),
  get('A: b\x7fc\r\n'),
  get('A(b): c\r\n'),
  'GET / HTTP/1.1\r\n Host: h\r\n\r\n',
  post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
  post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'),
  post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'),
  post('Content-Length: 5, 5\r\n', 'hello'),
  post('Content-Length: +5\r\n', 'hello'),
  post('Content-Length: -5\r\n', 'hello'),
  post('Content-Length: 0x5\r\n', 'hello'),
  post('Content-Length: 5 5\r\n', 'hello'),
  post('Content-Length: \r\n', ''),
  post('Content-Length: 99999999999999999999\r\n', ''),
  post('Transfer-Encoding: gzip\r\n', ''),
  post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
  post('Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n', '0\r\n\r\n'),
  chunked('g\r\n'),
  chunked('-1\r\n'),
  chunked('0x5\r\nhello\r\n'),
  chunked(' 5\r\nhello\r\n'),
  chunked('5 \r\nhello\r\n'),
  chunked('5\nhello\r\n0\r\n\r\n'),
  chunked('5\r\nhello!\r\n0\r\n\r\n'),
  chunked('5\r\nhello\n0\r\n\r\n'),
  chunked('5\r\nhel'),
  chunked('fffffffffffffffff\r\n'),
  chunked('0\r\nA : b\r\n\r\n'),
  post('Content-Length: 5\r\n', 'hel'),
  'GET / HT',
  get('Expect: nonsense\r\n'),
  get('Expect: 100-continue\r\n'),
  get('A: b\r\n c\r\n'),
  get('A: \xe9\r\n'),
  get('', 'M-SEARCH / HTTP/1.1'),
  get('', 'GET /a b HTTP/1.1'),
  get('', 'GET /\xe9 HTTP/1.1'),
  get('', 'GET a HTTP/1.1'),
  get('Content-Length: 3\r\n') + 'abc',
  post('Content-Length: 0005\r\n', 'hello'),
  post('Content-Length: 5,\r\n', 'hello'),
  post('Transfer-Encoding: chunked,\r\n', '0\r\n\r\n'),
  post('Transfer-Encoding: chunked;x=1\r\n', '0\r\n\r\n'),
  post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'),
  post('Transfer-Encoding: identity\r\n', ''),
  post('Transfer-Encoding: \r\n', ''),
  post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
  chunked('5;\r\nhello\r\n0\r\n\r\n'),
  chunked('5;a="b\r\nhello\r\n0\r\n\r\n'),
  chunked('5;a=b c\r\nhello\r\n0\r\n\r\n'),
  chunked('5;\0\r\nhello\r\n0\r\n\r\n'),
  chunked('0\r\nContent-Length: 5\r\n\r\n'),
  'GET / HTTP/1.1\r\nHost:\r\n\r\n',
  `${get('')}\r\n`,
  get(`A: ${'x'.repeat(20_000)}\r\n`),
];

interface Difference {
  readonly input: string;
  /** What this engine makes of it, and what node:http does. `!` ends a refusal. */
  readonly ours: string;
  readonly node: string;
  readonly reason: string;
}

const got = (target = '/', method = 'GET') => `${method} ${target} ""`;
const hello = 'POST / "hello"';
const row = (reason: string, input: string, oursIs: string, nodeIs: string): Difference => ({ reason, input, ours: oursIs, node: nodeIs });

const differences: readonly Difference[] = [
  // Two readings, which node:http allows
  row('Host twice is refused (RFC 9112 3.2); node:http takes the first', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '!', got()),
  row('an invalid Host is refused (RFC 9112 3.2)', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', '!', got()),
  row('user information in Host is refused', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', '!', got()),
  row('a port beyond 65535 is refused', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n', '!', got()),
  row('Transfer-Encoding on HTTP/1.0 is faulty framing (RFC 9112 6.1)', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', '!', got('/', 'POST')),
  row('an empty element in Transfer-Encoding is refused', post('Transfer-Encoding: ,chunked\r\n', '0\r\n\r\n'), '!', got('/', 'POST')),
  row('codings that this engine does not undo are refused (501)', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), '!', got('/', 'POST')),
  row('routing fields in trailers are refused (RFC 9110 6.5.1)', chunked('0\r\nHost: x\r\n\r\n'), '!', got('/', 'POST')),
  // Request line
  row('HTTP/2.0 is no HTTP/1 version (505)', get('', 'GET / HTTP/2.0'), '!', got()),
  row('HTTP/0.9 is no HTTP/1 version (505)', get('', 'GET / HTTP/0.9'), '!', got()),
  row('a higher minor version is taken as 1.1 (RFC 9110 2.5)', get('', 'GET / HTTP/1.9'), got(), '!'),
  row('methods are any token (RFC 9110 9.1); node:http has a list', get('', 'FOO / HTTP/1.1'), got('/', 'FOO'), '!'),
  row('methods are case-sensitive, and lower case is one', get('', 'get / HTTP/1.1'), got('/', 'get'), '!'),
  row('one space after the method (RFC 9112 3)', get('', 'GET  / HTTP/1.1'), '!', got()),
  row('one space after the target (RFC 9112 3)', get('', 'GET /  HTTP/1.1'), '!', got()),
  row('empty lines before a request are bounded', `${'\r\n'.repeat(5)}${get('')}`, '!', got()),
  row('LF alone is no empty line', `\n${get('')}`, '!', got()),
  row('CR CR LF is no empty line', `\r\r\n${get('')}`, '!', got()),
  // Targets
  row('a fragment is no part of a target (RFC 9112 3.2)', get('', 'GET /#a HTTP/1.1'), '!', got('/#a')),
  row('quotes and angle brackets are no URI characters', get('', 'GET /"<> HTTP/1.1'), '!', got('/"<>')),
  row('a backslash in a path has two readings', get('', 'GET /\\ HTTP/1.1'), '!', got('/\\')),
  row('a percent sign begins two hexadecimal digits', get('', 'GET /%zz HTTP/1.1'), '!', got('/%zz')),
  row('the asterisk form is for OPTIONS (RFC 9112 3.2.4)', get('', 'GET * HTTP/1.1'), '!', got('*')),
  row('user information in a target is refused (RFC 9110 4.2.4)', get('', 'GET http://user@h/ HTTP/1.1'), '!', got('http://user@h/')),
  row('an http URI has a host (RFC 9110 4.2.1)', get('', 'GET http:/// HTTP/1.1'), '!', got('http:///')),
  row('CONNECT has the authority form; node:http closes without an answer', get('', 'CONNECT / HTTP/1.1'), '!', ''),
  // Chunks
  row('whitespace before an extension is bad but allowed (RFC 9112 7.1.1)', chunked('5 ;a\r\nhello\r\n0\r\n\r\n'), hello, '!'),
  row('whitespace after the semicolon is bad but allowed (RFC 9112 7.1.1)', chunked('5; a\r\nhello\r\n0\r\n\r\n'), hello, '!'),
  row('an extension has a name', chunked('5;=b\r\nhello\r\n0\r\n\r\n'), '!', hello),
  row('a chunk size has at most 16 digits', chunked('00000000000000005\r\nhello\r\n0\r\n\r\n'), '!', hello),
  // Limits
  row('a target has at most 8192 bytes (414)', get('', `GET /${'a'.repeat(8192)} HTTP/1.1`), '!', got(`/${'a'.repeat(8192)}`)),
  row('a field line has at most 8192 bytes (431)', get(`A: ${'x'.repeat(9000)}\r\n`), '!', got()),
  row('a head has at most 100 fields (431); node:http drops those beyond 2000', get('A: b\r\n'.repeat(100)), '!', got()),
  row('a trailer section has at most 32 fields (431)', chunked(`0\r\n${'A: b\r\n'.repeat(40)}\r\n`), '!', got('/', 'POST')),
  row('extensions have at most 4096 bytes over a body (413)', chunked(`5;${'a'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`), '!', hello),
  row('a body has at most maxBodyBytes (413)', post('Content-Length: 1048577\r\n', 'x'.repeat(1_048_577)), '!', `POST / "${'x'.repeat(1_048_577)}"`),
  // The connection
  row('what follows a last request is dropped; node:http reports it', get('Connection: close\r\n') + get('', 'GET /2 HTTP/1.1'), got(), `${got()} !`),
  row('a declined upgrade leaves HTTP, so what follows is read as such', `${get('Connection: upgrade\r\nUpgrade: x\r\n')}left`, `${got()} !`, got()),
  row('half an empty line before FIN is a truncated head', `${get('')}\r`, `${got()} !`, got()),
];

/** Requests as `METHOD target "body"`, and `!` if it ended in a refusal. */
function ours(input: string): string {
  const record = drive(engineServer(), [bytesOf(input)], true);
  return record
    .filter((each) => each.event === 'message' || each.event === 'failed')
    .map((each) => (each.event === 'failed' ? '!' : `${each.start?.slice(0, -2)} ${JSON.stringify(each.body)}`))
    .join(' ');
}

describe('against node:http', () => {
  const logs = new Map<number, string[]>();
  let http: Server;

  beforeAll(async () => {
    http = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on('data', (piece: Buffer) => body.push(piece));
      request.on('end', () => {
        const text = Buffer.concat(body).toString('latin1');
        logs.get(request.socket.remotePort ?? 0)?.push(`${request.method} ${request.url} ${JSON.stringify(text)}`);
        response.end();
      });
      request.on('error', () => {});
    });
    http.on('connection', (socket: Socket) => logs.set(socket.remotePort ?? 0, []));
    http.on('clientError', (_error, socket) => {
      logs.get((socket as Socket).remotePort ?? 0)?.push('!');
      socket.destroy();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  async function node(input: string): Promise<string> {
    const socket = connect({ port: (http.address() as AddressInfo).port, host: '127.0.0.1' });
    const received: Buffer[] = [];
    socket.on('data', (piece: Buffer) => received.push(piece));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    const port = socket.localPort ?? 0;
    socket.end(Buffer.from(input, 'latin1'));
    await closed;
    const log = logs.get(port) ?? [];
    // 400 without Host and 417 are sent by node:http without telling the application.
    const isRefused = /^HTTP\/1\.1 [45]/m.test(Buffer.concat(received).toString('latin1'));
    const requests = log.filter((entry) => entry !== '!');
    return (isRefused || requests.length < log.length ? [...requests, '!'] : requests).join(' ');
  }

  it('agrees', async () => {
    const found: { input: string; ours: string; node: string }[] = [];
    for (const input of agreed) {
      const theirs = await node(input);
      if (theirs !== ours(input)) found.push({ input, ours: ours(input), node: theirs });
    }
    expect(found).toEqual([]);
  });

  it.each(differences)('differs: $reason', async ({ input, ours: expected, node: theirs }) => {
    expect(ours(input)).toBe(expected);
    expect(await node(input)).toBe(theirs);
    expect(expected).not.toBe(theirs);
  });
});
