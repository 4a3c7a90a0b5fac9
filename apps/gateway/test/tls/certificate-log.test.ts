import { expect, it } from 'vitest';
import { LineWriter } from '../../src/log/line-writer.ts';
import { Log } from '../../src/log/log.ts';
import { logCertificates, logTlsForm } from '../../src/tls/certificate-log.ts';
import { LineReader } from '../log/lines.ts';

it('is a line for each, with its names and its end, and nothing of its key', () => {
  const reader = new LineReader();
  const writer = new LineWriter(reader, 10_000);
  const secret = { certificate: 'PEM', key: 'SECRET' };
  logCertificates(new Log(writer, 'info'), [
    { file: 'a.pem', names: ['a.example', '::1'], validToMs: Date.UTC(2030, 0, 1), ...secret },
    { file: 'b.pem', names: [], validToMs: 0, ...secret },
  ]);
  writer.flush();
  expect(reader.lines).toEqual([
    { time: expect.any(String), log: 'info', message: 'certificate', file: 'a.pem', names: 'a.example ::1', validTo: '2030-01-01T00:00:00.000Z' },
    { time: expect.any(String), log: 'info', message: 'certificate', file: 'b.pem', names: '', validTo: '1970-01-01T00:00:00.000Z' },
  ]);
});

it('says which form TLS has, and why, if it is not the fast one', () => {
  const reader = new LineReader();
  const writer = new LineWriter(reader, 10_000);
  const log = new Log(writer, 'info');
  logTlsForm(log, { form: 'native', formReason: null });
  logTlsForm(log, { form: 'sockets', formReason: 'this Node has no node:ffi' });
  writer.flush();
  expect(reader.lines).toEqual([
    { time: expect.any(String), log: 'info', message: 'tls', form: 'native' },
    { time: expect.any(String), log: 'info', message: 'tls', form: 'sockets', reason: 'this Node has no node:ffi' },
  ]);
});
