// The command line: picks a command, gives it the arguments that are left, and answers the exit status.
//
//     sluice [serve] [flags]      sluice check-config [flags]      sluice print-config-schema      sluice cert [flags]
//     sluice pub TOPIC [MESSAGE] [flags]      sluice sub TOPIC [flags]      sluice top [flags]      sluice inspect ID [flags]
//     sluice diagram [flags]      sluice replay FILE
//
// Commands are few and their flags are the schema's, so Node's parseArgs does. Effect's own CLI module would add 90 ms of
// CPU to the 170 that it takes up to `serve` (built, Node 26, 55 flags; Schema is 120 of them), and would report flags apart
// from what is wrong in the file and the environment.

import {
  configJsonSchema,
  formatProblem,
  loadConfig,
  type LoadedConfig,
  type Problem,
  type RefusedConfig,
} from '../config/index.ts';
import { unknownName } from '../config/problems.ts';
import { effectiveSettings } from './effective-settings.ts';
import { helpText } from './help.ts';
import { processHost, type Host } from './host.ts';

/** 0 after a drain or a command that worked, 1 on a failure while running, 2 on a bad configuration or command line. */
export type ExitStatus = 0 | 1 | 2;

export interface ServeRequest {
  readonly loaded: LoadedConfig;
  /** Loads the configuration anew, from the same arguments and environment: for SIGHUP. */
  readonly reload: () => LoadedConfig | RefusedConfig;
}

/** Runs the gateway until it has stopped. */
export type Serve = (request: ServeRequest) => Promise<ExitStatus>;

export interface RunCliOptions {
  readonly serve: Serve;
  readonly host?: Host;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What `--help` prints behind its name, for a command with flags of its own. */
  readonly help?: () => Promise<string>;
  readonly run: (argv: readonly string[], options: Required<RunCliOptions>) => ExitStatus | Promise<ExitStatus>;
}

export const commands: readonly Command[] = [
  { name: 'serve', summary: 'Run the gateway. The command that is meant when there is none.', run: runServe },
  {
    name: 'check-config',
    summary: 'Say what is wrong with the configuration, or each setting and where it comes from.',
    run: checkConfig,
  },
  {
    name: 'print-config-schema',
    summary: 'Print the JSON Schema of the configuration file.',
    run: (argv, { host }) =>
      withoutArguments(argv, host) ?? done(host, `${JSON.stringify(configJsonSchema(), null, 2)}\n`),
  },
  {
    name: 'cert',
    summary: 'Make a CA for development, and certificates for a server and a client.',
    help: async () => (await import('./cert.ts')).certHelp,
    run: async (argv, { host }) => (await import('./cert.ts')).cert(argv, host),
  },
  {
    name: 'pub',
    summary: 'Publish a message, or the lines of standard input, to a topic of a gateway.',
    help: async () => (await import('./pub.ts')).pubHelp,
    run: async (argv, { host }) => (await import('./pub.ts')).pub(argv, host),
  },
  {
    name: 'sub',
    summary: 'Print the messages of a topic of a gateway.',
    help: async () => (await import('./sub.ts')).subHelp,
    run: async (argv, { host }) => (await import('./sub.ts')).sub(argv, host),
  },
  {
    name: 'top',
    summary: 'Show the connections of a gateway that move or hold most.',
    help: async () => (await import('./top.ts')).topHelp,
    run: async (argv, { host }) => (await import('./top.ts')).top(argv, host),
  },
  {
    name: 'inspect',
    summary: 'Show the events and states of one connection of a gateway as they come.',
    help: async () => (await import('./inspect.ts')).inspectHelp,
    run: async (argv, { host }) => (await import('./inspect.ts')).inspect(argv, host),
  },
  {
    name: 'diagram',
    summary: 'Print a chart of this gateway.',
    help: async () => (await import('./diagram.ts')).diagramHelp,
    run: async (argv, { host }) => (await import('./diagram.ts')).diagram(argv, host),
  },
  {
    name: 'replay',
    summary: "Run a recording against this gateway's charts, and say where they differ.",
    help: async () => (await import('./replay.ts')).replayHelp,
    run: async (argv, { host }) => (await import('./replay.ts')).replay(argv, host),
  },
  { name: 'help', summary: 'Print this.', run: (_, { host }) => done(host, helpText(commands, host.columns)) },
];

/** Runs the command that the arguments name. Never throws for anything that a user can write there. */
export async function runCli({ serve, host = processHost() }: RunCliOptions): Promise<ExitStatus> {
  const { argv } = host;
  const [first = '', ...rest] = argv;
  const isHelp = argv.includes('--help') || argv.includes('-h');
  const ownHelp = isHelp ? commands.find(({ name }) => name === first)?.help : undefined;
  if (ownHelp !== undefined) return done(host, await ownHelp());
  if (isHelp) return done(host, helpText(commands, host.columns));
  if (first === '--version' || first === '-V') return done(host, `${host.version()}\n`);

  const named = first !== '' && !first.startsWith('-');
  const command = commands.find(({ name }) => name === (named ? first : 'serve'));
  if (command === undefined) {
    const message = unknownName('command', first, commands.map(({ name }) => name));
    return refuse(host, [{ where: first, message }]);
  }
  return command.run(named ? rest : argv, { serve, host });
}

function runServe(argv: readonly string[], { serve, host }: Required<RunCliOptions>): ExitStatus | Promise<ExitStatus> {
  const load = () => loadConfig({ argv, env: host.env, readFile: host.readFile, directoryProblem: host.directoryProblem });
  const loaded = load();
  warn(host, loaded.warnings);
  return loaded.ok ? serve({ loaded, reload: load }) : refuse(host, loaded.problems);
}

function checkConfig(argv: readonly string[], { host }: Required<RunCliOptions>): ExitStatus {
  const loaded = loadConfig({ argv, env: host.env, readFile: host.readFile, directoryProblem: host.directoryProblem });
  warn(host, loaded.warnings);
  return loaded.ok ? done(host, `ok\n${effectiveSettings(loaded)}`) : refuse(host, loaded.problems);
}

function withoutArguments(argv: readonly string[], host: Host): ExitStatus | null {
  if (argv.length === 0) return null;
  return refuse(host, argv.map((argument) => ({ where: argument, message: 'unexpected argument' })));
}

function done(host: Host, text: string): ExitStatus {
  host.print(text);
  return 0;
}

function refuse(host: Host, problems: readonly Problem[]): ExitStatus {
  for (const problem of problems) host.printError(`${formatProblem(problem)}\n`);
  return 2;
}

function warn(host: Host, warnings: readonly Problem[]): void {
  for (const warning of warnings) host.printError(`warning: ${formatProblem(warning)}\n`);
}
