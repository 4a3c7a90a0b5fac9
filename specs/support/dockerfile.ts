// Runs the instructions of a Dockerfile without a container engine: each stage is a folder, COPY copies into it, and RUN runs a shell in it.
// It knows the instructions that this workspace uses, and rejects every other.
//
// https://docs.docker.com/reference/dockerfile/

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the last stage of a Dockerfile makes. */
export interface Image {
  /** The folder that stands for the image's root. */
  readonly root: string;
  /** Of the stages, in order. */
  readonly bases: readonly string[];
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly stopSignal: string;
  readonly exposed: readonly string[];
  readonly healthCheck: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

type Stage = { -readonly [Key in keyof Image]: Image[Key] };

export interface BuildOptions {
  readonly dockerfile: string;
  /** The directory that is built from; its .dockerignore applies. */
  readonly context: string;
  /** An empty directory for the stages. */
  readonly directory: string;
  /** For RUN. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function buildImage({ dockerfile, context, directory, env }: BuildOptions): Promise<Image> {
  const stages = new Map<string, Stage>();
  const bases: string[] = [];
  let stage: Stage | null = null;
  for (const [keyword, text] of readInstructions(readFileSync(dockerfile, 'utf8'))) {
    if (keyword === 'FROM') {
      const [, base = '', name = String(stages.size)] = /^(\S+)(?: AS (\S+))?$/.exec(text) ?? [];
      bases.push(base);
      stage = { root: join(directory, name), bases, workdir: '/', env: {}, user: '', stopSignal: '', exposed: [], healthCheck: [], entrypoint: [], command: [] };
      stages.set(name, stage);
      continue;
    }
    if (stage === null) throw new Error(`${keyword} before FROM`);
    if (keyword === 'COPY') copy(text, stage, stages, context);
    else if (keyword === 'RUN') await runShell(text, stage, env);
    else configure(keyword, text, stage);
  }
  if (stage === null) throw new Error('no FROM');
  return stage;
}

/** The path on this machine of one in the image. */
export function pathIn({ root, workdir }: Pick<Image, 'root' | 'workdir'>, path: string): string {
  return join(root, posix.resolve(workdir, path));
}

/** Keyword and the rest of each instruction, lines joined, without comments. */
function readInstructions(text: string): (readonly [keyword: string, rest: string])[] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, ' ');
  return joined.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const [, keyword, rest] = /^([A-Z]+) +(.+)$/.exec(line.trim()) ?? [];
    if (keyword === undefined || rest === undefined) throw new Error(`not an instruction: ${line}`);
    return [[keyword, rest] as const];
  });
}

function configure(keyword: string, text: string, stage: Stage): void {
  switch (keyword) {
    case 'WORKDIR':
      stage.workdir = posix.resolve(stage.workdir, text);
      mkdirSync(pathIn(stage, '.'), { recursive: true });
      return;
    case 'ENV': {
      const [, name = '', value = ''] = /^(\w+)=(\S*)$/.exec(text) ?? [];
      stage.env = { ...stage.env, [name]: value };
      return;
    }
    case 'USER':
      stage.user = text;
      return;
    case 'EXPOSE':
      stage.exposed = [...stage.exposed, ...text.split(/ +/)];
      return;
    case 'STOPSIGNAL':
      stage.stopSignal = text;
      return;
    case 'HEALTHCHECK':
      stage.healthCheck = commandOf(text.replace(/^(?:--\S+ +)*CMD +/, ''));
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = commandOf(text);
      return;
    case 'CMD':
      stage.command = commandOf(text);
      return;
    default:
      throw new Error(`${keyword} is not known here`);
  }
}

/** The exec form only: a command in the shell form would be a child of a shell, which does not pass signals on. */
function commandOf(text: string): string[] {
  const command: unknown = JSON.parse(text);
  if (!Array.isArray(command) || !command.every((word) => typeof word === 'string')) throw new Error(`not in the exec form: ${text}`);
  return command;
}

function copy(text: string, stage: Stage, stages: ReadonlyMap<string, Stage>, context: string): void {
  const [, from, source, target] = /^(?:--from=(\S+) +)?(\S+) +(\S+)$/.exec(text) ?? [];
  if (source === undefined || target === undefined) throw new Error(`COPY ${text} is not known here`);
  if (from === undefined) {
    const isIgnored = ignored(readFileSync(join(context, '.dockerignore'), 'utf8'));
    cpSync(join(context, source), pathIn(stage, target), { recursive: true, verbatimSymlinks: true, filter: (path) => !isIgnored(relative(context, path)) });
    return;
  }
  const other = stages.get(from);
  if (other === undefined) throw new Error(`no stage ${from}`);
  cpSync(pathIn(other, source), pathIn(stage, target), { recursive: true, verbatimSymlinks: true });
}

/** Patterns of a .dockerignore file; exceptions (`!`) are not known here. */
function ignored(text: string): (path: string) => boolean {
  const patterns = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (patterns.some((pattern) => pattern.startsWith('!'))) throw new Error('exceptions in .dockerignore are not known here');
  // node:path's matchesGlob would compile each pattern anew for each file.
  const expressions = patterns.map((pattern) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/(\*\*\/)|\*/g, (_, deep) => (deep === undefined ? '[^/]*' : '(?:.*/)?'))}$`));
  return (path) => expressions.some((expression) => expression.test(path));
}

async function runShell(text: string, stage: Stage, env: BuildOptions['env']): Promise<void> {
  if (/(?:^|[\s=])\//.test(text)) throw new Error(`an absolute path in RUN would be one of this machine: ${text}`);
  await run('/bin/sh', ['-c', text], { cwd: pathIn(stage, '.'), env, maxBuffer: 64 * 1024 * 1024 });
}
