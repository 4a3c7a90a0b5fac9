import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue, type IssuedFiles } from '../tls/certificates.ts';
import { ClientStage } from './console.ts';

let issued: IssuedFiles;
let files: Record<string, string>;

beforeAll(async () => {
  issued = await issue();
  await issued.add('one', ['localhost']);
  // The gateway's own clock stands at 1970 here.
  const ada = await issued.issuer.client('ada', { nowMs: 0, days: 5 });
  files = { ...issued.files, 'ada.pem': ada.certificate, 'ada.key': ada.key };
});

async function secureStage(): Promise<ClientStage> {
  const thumbprints = [{ thumbprint: new X509Certificate(files['ada.pem']!).fingerprint256, name: 'Ada' }];
  return ClientStage.start({ https: ['127.0.0.1:0'], tls: { cert: 'one.pem', key: 'one.key' }, commandPeers: { thumbprints } }, files);
}

const trust = ['--ca', 'ca.pem'];
const identity = ['--cert', 'ada.pem', '--key', 'ada.key'];

describe('a link over TLS', () => {
  it.each(['wss', 'commands'] as const)('%s: the name is asked for, the address after the wrong family is tried, messages arrive', async (scheme) => {
    const stage = await secureStage();
    const address = scheme === 'wss' ? stage.gateway.gateway.https[0]! : stage.gateway.gateway.command[0]!;
    const url = ['--url', `${scheme}://localhost:${address.port}`];
    const publisher = stage.pub('ws', ['news', 'secret', ...url, ...trust, ...identity], { files });
    await stage.untilSecure(() => publisher.status !== null);
    expect(publisher.err.lines.map((line) => line.replaceAll(/\d{4,}/g, 'N'))).toEqual(['sluice: ::1 port N: connect failed: connectionRefused: ::1 port N']);
    expect(publisher.status).toBe(0);
    const { epoch } = stage.gateway.gateway.hub;
    const subscriber = stage.sub('ws', ['news', '--since', `${epoch}:0`, '--count', '1', ...url, ...trust, ...identity], { files });
    await stage.untilSecure(() => subscriber.status !== null);
    expect(subscriber.out.lines).toEqual(['secret']);
    await stage.gateway.stop();
  });

  it.each(['pub', 'sub'] as const)('%s: does not talk to a server that nobody vouches for, and does not try again', async (command) => {
    const stage = await secureStage();
    const client = stage[command]('ws', ['news', ...(command === 'pub' ? ['x'] : []), '--url', `wss://127.0.0.1:${stage.gateway.gateway.https[0]!.port}`], { files });
    await stage.untilSecure(() => client.status !== null);
    expect(client.status).toBe(1);
    expect(client.err.lines).toEqual([expect.stringMatching(/certificate is not trusted.*--ca FILE/)]);
    await stage.gateway.stop();
  });

  it('says what a command listener has against a certificate, and tries no further', async () => {
    const stage = await secureStage();
    const publisher = stage.pub('ws', ['news', 'x', '--url', `commands://localhost:${stage.gateway.gateway.command[0]!.port}`, ...trust], { files });
    await stage.untilSecure(() => publisher.status !== null);
    expect(publisher.status).toBe(1);
    expect(publisher.err.lines.at(-1)).toMatch(/the server refused: No certificate was sent, but this is required, aborting\. Give this client's certificate with --cert FILE and its key with --key FILE\.$/);
    await stage.gateway.stop();
  });
});
