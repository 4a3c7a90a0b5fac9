// One connection of a gateway from the outside and from the inside: the client's socket, the connection itself, and the steps of its chart as
// its subscribers are told of them and as the inspector's stream (`/inspection/connections/ID/events`) shows them.

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Connection } from '@sluice/connection';
import { labelOf } from './chart-paths.ts';
import { eventually, type RunningGateway } from './running-gateway.ts';
import { StepLog, type LoggedStep } from './step-log.ts';

export class WatchedConnection {
  readonly client: Socket;
  readonly connection: Connection;
  /** The states after each step so far. */
  readonly seen = new StepLog<string>();
  /** The inspector's stream, once it has ended. */
  readonly shown: Promise<readonly LoggedStep[]>;

  private constructor(client: Socket, connection: Connection, stream: IncomingMessage) {
    this.client = client;
    this.connection = connection;
    this.shown = readSteps(stream);
    connection.subscribe(({ value }) => this.seen.add(labelOf(value)));
  }

  /** Connects, and says nothing: the connection is in its first state. It is ended only by what is done to it, and the client reads nothing. */
  static async open(running: RunningGateway): Promise<WatchedConnection> {
    const client = connect({ port: running.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.on('error', () => {});
    await once(client, 'connect');
    const { registry } = running.gateway;
    const find = (): Connection | undefined => [...registry.all()].find(({ endpoint }) => endpoint.peer.port === client.localPort);
    await eventually('the connection is accepted', () => find() !== undefined);
    const connection = find()!;
    const request = get(`${running.adminUrl}/inspection/connections/${connection.id}/events`, { agent: false });
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    if (stream.statusCode !== 200) throw new Error(`the inspector answers ${stream.statusCode}`);
    return new WatchedConnection(client, connection, stream);
  }

  /** Ends both sides, and answers every step that the inspector has shown. */
  async end(): Promise<readonly LoggedStep[]> {
    this.connection.abort();
    this.client.destroy();
    return this.shown;
  }
}

async function readSteps(stream: IncomingMessage): Promise<readonly LoggedStep[]> {
  stream.setEncoding('utf8');
  let text = '';
  for await (const piece of stream) text += piece as string;
  return text.split('\n\n').flatMap((event) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    if (name === 'lost') throw new Error(`the inspector lost events: ${data}`);
    if (name !== 'inspection') return [];
    const shown = JSON.parse(data!) as { type: string; event?: { type: string }; snapshot?: { value: unknown } };
    return shown.type === '@xstate.snapshot' ? [{ event: shown.event!.type, to: labelOf(shown.snapshot!.value) }] : [];
  });
}
