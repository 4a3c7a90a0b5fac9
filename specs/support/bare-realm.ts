// A realm that has the language and nothing else: no process, no timers, no fetch, no Buffer, no require; and where the language itself can
// tell the time, draw lots or wait, that throws. Engines are loaded into it, source by source, and must be complete.
//
// It is a program (Node keeps such modules behind a flag): `inBareRealm` runs it for a package, and answers what it says.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SourceTextModule, createContext, runInContext } from 'node:vm';

export interface RealmReport {
  /** Every specifier that is not a file of a package of this workspace; loading ends at the first. */
  readonly foreign: readonly string[];
  readonly modules: number;
  /** Codes of the events that the engine's server gave for the bytes, each alone. */
  readonly events: readonly number[];
  /** What it made, as text. */
  readonly output: string;
}

/** The engine of the package is given the bytes one by one, in a bare realm in a process of its own. `greeting` names what it is called on first. */
export async function inBareRealm(name: string, engine: string, bytes: Uint8Array, greeting = ''): Promise<RealmReport> {
  const flags = ['--experimental-vm-modules', '--no-warnings', '--conditions=@sluice/source'];
  const script = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, name, engine, Buffer.from(bytes).toString('hex'), greeting]);
  return JSON.parse(stdout) as RealmReport;
}

/** What takes the place of the time, of chance and of waiting. */
const poison = `
  const refuse = () => { throw new Error('an engine asked for what it has to be given'); };
  Date.now = refuse;
  Math.random = refuse;
  globalThis.Promise = undefined;
  delete globalThis.console;
`;

/** The part of every engine that is needed here. */
interface BareEngine {
  receive(bytes: Uint8Array, start: number, end: number): void;
  next(): number;
  readonly output: { flatten(): Uint8Array };
}

async function main([name = '', engineName = '', hex = '', greeting = '']: readonly string[]): Promise<void> {
  const context = createContext({});
  runInContext(poison, context);
  const modules = new Map<string, SourceTextModule>();
  const foreign: string[] = [];
  const load = (url: string): SourceTextModule => {
    const known = modules.get(url);
    if (known !== undefined) return known;
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
    const loaded = new SourceTextModule(source, { context, identifier: url });
    modules.set(url, loaded);
    return loaded;
  };
  const link = (specifier: string, { identifier }: { identifier: string }): SourceTextModule => {
    if (specifier.startsWith('.')) return load(new URL(specifier, identifier).href);
    if (specifier.startsWith('@sluice/')) return load(import.meta.resolve(specifier));
    foreign.push(specifier);
    throw new Error(specifier);
  };
  const events: number[] = [];
  let output = '';
  const entry = load(import.meta.resolve(name));
  const pools = load(import.meta.resolve('@sluice/brigade'));
  try {
    for (const one of [entry, pools]) {
      if (one.status === 'unlinked') await one.link(link);
      await one.evaluate();
    }
  } catch (error) {
    if (foreign.length === 0) throw error;
  }
  if (foreign.length === 0) {
    const { [engineName]: Engine } = entry.namespace as Record<string, new (options: object) => BareEngine & Record<string, () => void>>;
    const { Pool } = pools.namespace as { Pool: new (name: string) => object };
    const engine = new Engine!({ role: 'server', pool: new Pool('bare') });
    if (greeting !== '') engine[greeting]!();
    for (const byte of Buffer.from(hex, 'hex')) {
      engine.receive(Uint8Array.of(byte), 0, 1);
      // Bounded, for an event that is answered for ever.
      for (let event = engine.next(); event !== 0 && events.length < 100; event = engine.next()) events.push(event);
    }
    output = Buffer.from(engine.output.flatten()).toString('latin1');
  }
  process.stdout.write(JSON.stringify({ foreign, modules: modules.size, events, output } satisfies RealmReport));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
