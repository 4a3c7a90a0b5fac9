// A process that was started with a listening socket as its descriptor 3. It says what became of it in one line, tells the first who
// connects where it was accepted, and ends.

import { Brigade, Pool } from '@sluice/brigade';
import { createNodeTransport } from '../src/index.ts';

const pool = new Pool();
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const listener = await createNodeTransport({ pool }).listen(
    { host: '', port: 0, descriptor: 3 },
    {
      onAccept(endpoint) {
        listener.close();
        endpoint.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose() {} });
        endpoint.setReading(true);
        const brigade = new Brigade(pool);
        brigade.writeLatin1(`accepted at ${endpoint.local.host} ${endpoint.local.port}`);
        endpoint.write(brigade);
        endpoint.shutdown();
      },
      onError() {},
      onClose() {},
    },
  );
  say(listener.address);
} catch (error) {
  say({ error: (error as Error).message });
}
