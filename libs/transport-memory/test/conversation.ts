// A small session used by several tests: a client sends lines, the server answers each, both keep a log of all that
// happened and when. The log is the trace that a seed has to reproduce.

import { Brigade, makeSent, Pool } from '@sluice/brigade';
import type { Endpoint } from '@sluice/transport';
import { MemoryNetwork, type MemoryNetworkOptions } from '../src/index.ts';

export interface Conversation {
  readonly network: MemoryNetwork;
  readonly log: string[];
  /** Answers that came back whole. */
  answers: number;
  open: number;
}

const text = (bytes: Uint8Array, start: number, end: number): string => String.fromCharCode(...bytes.subarray(start, end));

/** Runs `lines` questions over each of `clients` connections to the end. */
export function converse(options: MemoryNetworkOptions, clients: number, lines: number): Conversation {
  const network = new MemoryNetwork(options);
  const pool = new Pool('conversation');
  const log: string[] = [];
  const conversation: Conversation = { network, log, answers: 0, open: 0 };
  const note = (what: string): void => void log.push(`${network.clock.now()} ${what}`);

  const say = (endpoint: Endpoint, who: string, line: string): void => {
    const brigade = new Brigade(pool);
    brigade.writeLatin1(line);
    brigade.append(makeSent((error) => note(`${who} ${error === null ? 'sent' : 'did not send'} ${line.trim()}`)));
    endpoint.write(brigade);
  };
  const talk = (endpoint: Endpoint, who: string, onLine: (line: string) => void): void => {
    let received = '';
    conversation.open++;
    endpoint.attach({
      onBytes(bytes, start, end) {
        note(`${who} read ${end - start}`);
        received += text(bytes, start, end);
        for (let at = received.indexOf('\n'); at !== -1; at = received.indexOf('\n')) {
          const line = received.slice(0, at + 1);
          received = received.slice(at + 1);
          onLine(line);
        }
      },
      onEnd() {
        note(`${who} end`);
        endpoint.shutdown();
      },
      onProgress: () => {},
      onClose(error) {
        conversation.open--;
        note(`${who} close ${error?.message ?? ''}`);
      },
    });
    endpoint.setReading(true);
  };

  let accepted = 0;
  const listener = network.listen(
    { host: 'memory', port: 0 },
    {
      onAccept(endpoint) {
        const who = `server ${accepted++}`;
        talk(endpoint, who, (line) => say(endpoint, who, `answer to ${line}`));
      },
      onError: (error) => note(error.message),
      onClose: () => note('listener closed'),
    },
  );
  for (let client = 0; client < clients; client++) {
    network.connect(listener.address, {
      onConnect(endpoint) {
        let asked = 0;
        const ask = (): void => {
          if (asked === lines) endpoint.shutdown();
          else say(endpoint, `client ${client}`, `question ${client} ${asked++}\n`);
        };
        talk(endpoint, `client ${client}`, (line) => {
          if (line !== `answer to question ${client} ${asked - 1}\n`) throw new Error(`client ${client} got ${line}`);
          conversation.answers++;
          ask();
        });
        ask();
      },
      onFailure: (error) => note(error.message),
    });
  }
  network.run();
  listener.close();
  network.run();
  const outstanding = [pool.outstanding(), network.pool.outstanding()];
  if (outstanding.some(({ bytes, handles }) => bytes !== 0 || handles !== 0)) throw new Error(`outstanding: ${JSON.stringify(outstanding)}`);
  pool.destroy();
  return conversation;
}
