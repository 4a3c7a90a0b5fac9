// `sluice inspect ID`: what one connection is, then its events and states as they come, a line each.

import { reportLostOutput } from '../closed-output.ts';
import { processIo, type ClientIo } from '../client/client-io.ts';
import { printable } from '../client/printable.ts';
import type { ConnectionDocument } from '../inspection/connection-document.ts';
import { refuseOptions } from './client-options.ts';
import type { Host } from './host.ts';
import { adminApi, AdminError, adminHelp, readAdminOptions, type AdminApi, type AdminTarget } from './inspect-admin.ts';
import { InspectLines } from './inspect-lines.ts';
import type { ExitStatus } from './run.ts';

export const inspectHelp = `usage: sluice inspect ID [FLAG…]

What a connection of a gateway is, then its events and states as they come, a line each, until it closes. ID is its number, as in sluice top.

${adminHelp}
  -h, --help      Print this.
`;

export async function inspect(
  argv: readonly string[],
  host: Host,
  io: ClientIo = processIo(),
  connect: (target: AdminTarget) => AdminApi = adminApi,
): Promise<ExitStatus> {
  const options = readAdminOptions(argv, [], host);
  if (!('target' in options)) return refuseOptions(host, options);
  const [id, ...extra] = options.positionals;
  if (id === undefined || !/^\d{1,15}$/.test(id)) return refuseOptions(host, [{ where: 'sluice inspect', message: 'expected the number of a connection' }]);
  if (extra.length > 0) return refuseOptions(host, [{ where: extra[0]!, message: 'unexpected argument' }]);
  const api = connect(options.target);
  const interrupted = new AbortController();
  const stopListening = io.onInterrupt(() => interrupted.abort());
  io.stdout.on('error', (error) => {
    reportLostOutput(error);
    interrupted.abort();
  });
  try {
    const document = (await api.get(`inspection/connections/${id}`)) as ConnectionDocument;
    for (const line of introduction(document)) io.stdout.write(`${line}\n`);
    const lines = new InspectLines(document.sessionId);
    await api.follow(
      `inspection/connections/${id}/events`,
      (name, data) => {
        const line = lines.lineOf(name, data);
        if (line !== null) io.stdout.write(`${line}\n`);
      },
      interrupted.signal,
    );
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 0;
    if (!(error instanceof AdminError)) throw error;
    host.printError(`sluice: ${error.message}\n`);
    return 1;
  } finally {
    stopListening();
  }
}

function introduction({ sessionId, protocol, peer, via, request, topics, clientTags, name, secure, nextEvents }: ConnectionDocument): string[] {
  const tls = secure === undefined ? 'in the clear' : secure === null ? 'TLS not through yet' : `${secure.protocol} ${secure.cipher}`;
  const rest: readonly (readonly [string, string])[] = [
    ['proxy', via ?? ''],
    ['name', name ?? ''],
    ['request', request?.uri ?? ''],
    ['agent', request?.userAgent ?? ''],
    ['topics', topics.join(' ')],
    ['tags', clientTags.join(' ')],
    ['may come', nextEvents.join(' ')],
  ];
  return [
    `${sessionId}  ${protocol}  ${peer.host}${peer.port === 0 ? '' : ` port ${peer.port}`}  ${tls}`,
    ...rest.flatMap(([title, text]) => (text === '' ? [] : [`  ${title.padEnd(10)}${text}`])),
    '',
  ].map(printable);
}
