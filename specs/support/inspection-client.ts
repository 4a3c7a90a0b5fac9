// The inspection API as a program asks it: JSON documents of the admin listener.

export interface ListedConnection {
  readonly id: number;
  readonly state: string;
  readonly peer: string;
  readonly queuedBytes: number;
}

export class InspectionClient {
  readonly #url: string;

  constructor(adminUrl: string) {
    this.#url = `${adminUrl}/inspection`;
  }

  async get<Document>(path: string): Promise<Document> {
    const reply = await fetch(`${this.#url}/${path}`);
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as Document;
  }

  /** The number of the connection from that address. */
  async idOf(peer: string): Promise<number> {
    const { connections } = await this.get<{ connections: ListedConnection[] }>(`connections?peer=${peer}`);
    if (connections.length !== 1) throw new Error(`${connections.length} connections from ${peer}`);
    return connections[0]!.id;
  }

  async act(id: number, action: object): Promise<void> {
    const reply = await fetch(`${this.#url}/connections/${id}/actions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    if (reply.status !== 202) throw new Error(`${reply.status} ${await reply.text()}`);
  }
}
