// ns per request: a GET with 8 fields on one kept-alive connection, read, answered, and taken out of the output.
//
//     npm exec -w @sluice/http1 -- node --conditions=@sluice/source bench/requests.ts

import { Pool } from '@sluice/brigade';
import { Http1Engine, Http1Event } from '../src/index.ts';

const request = Buffer.from(
  'GET /topics/news?limit=10 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n' +
    'Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n' +
    'Cookie: session=0123456789abcdef\r\nCache-Control: no-cache\r\nReferer: http://localhost:8080/\r\n\r\n',
);
const body = Buffer.from('{"ok":true}');
const fields = ['Content-Type', 'application/json', 'Cache-Control', 'no-store'];
const date = 'Sat, 21 Nov 2026 05:28:17 GMT';
const engine = new Http1Engine({ role: 'server', pool: new Pool('bench'), date: () => date });
const pipelined = Buffer.concat(Array.from({ length: 16 }, () => request));
let characters = 0;

function read(bytes: Uint8Array, answers: boolean): void {
  engine.receive(bytes, 0, bytes.length);
  for (;;) {
    switch (engine.next()) {
      case Http1Event.Head:
        characters += engine.request.target.length;
        break;
      case Http1Event.EndOfMessage:
        if (answers) {
          engine.sendHead(200, fields, body.length);
          engine.sendData(body);
        } else {
          engine.sendHead(204);
        }
        engine.sendEnd();
        break;
      case Http1Event.NeedData:
        engine.output.consume(engine.output.length);
        return;
      default:
        throw new Error(engine.failure?.message);
    }
  }
}

function measure(name: string, perRun: number, run: () => void): void {
  const samples: number[] = [];
  for (let round = 0; round < 9; round++) {
    const runs = 100_000 / perRun;
    const from = process.cpuUsage();
    for (let i = 0; i < runs; i++) run();
    const used = process.cpuUsage(from);
    samples.push(((used.user + used.system) * 1000) / (runs * perRun));
  }
  samples.sort((a, b) => a - b);
  console.log(`${name}: ${Math.round(samples[4] ?? 0)} ns of CPU per request (median of 9)`);
}

console.log(`${request.length} bytes a request, node ${process.version}`);
measure('read, answered 204', 1, () => read(request, false));
measure('read, answered 200 with 2 fields, Date and a body', 1, () => read(request, true));
measure('the same, 16 in one packet', 16, () => read(pipelined, true));
