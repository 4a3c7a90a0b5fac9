// A gateway in a process of its own whose transport does without native calls when asked: for the specs of large files.
//
//     node --conditions=@sluice/source support/serve-large-file.ts ROOT auto|off

import { loadConfig, LineWriter, Log, startGateway } from '@sluice/gateway';
import { EventLoop } from '@sluice/supervision';
import { createNodeTransport } from '@sluice/transport-node';
import * as Effect from 'effect/Effect';

const [root = '', nativeIo] = process.argv.slice(2);
const loaded = loadConfig({ argv: ['--http', '127.0.0.1:0', '--admin', 'off', '--root', root], env: {}, readFile: () => '' });
if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));

const program = Effect.gen(function* () {
  const writer = new LineWriter(process.stderr, 1024 * 1024);
  const gateway = yield* startGateway({
    config: loaded.config,
    transport: createNodeTransport({ nativeIo: nativeIo === 'off' ? 'off' : 'auto' }),
    log: new Log(writer, 'info'),
    accessWriter: null,
    wallClock: Date.now,
    random: Math.random,
  });
  process.stdout.write(`listening http://127.0.0.1:${gateway.http[0]!.port}/\n`);
  return yield* Effect.never;
});
await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(EventLoop.layer)));
