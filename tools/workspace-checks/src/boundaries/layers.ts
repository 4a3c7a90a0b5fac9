// Which layer may depend on which. Dependencies point one way:
//
//     app → supervision → connection → {engine, timing, transport-contract} → bytes
//     hub → bytes        transport → {transport-contract, timing} → bytes        inspection → connection
//     page → inspection (types): what runs in a browser, built into files that the app serves
//
// A project's layer is the `layer:` tag of its package.json. Projects of one layer never depend on each other, so
// engines share nothing and transports do not know one another (but a layer over transports is tested over them).

export interface Layer {
  /** Layers its sources may import. */
  readonly uses: readonly string[];
  /** Layers its tests may import besides; they are devDependencies. */
  readonly testsUse?: readonly string[];
  /** May import `node:` modules. Tests and configuration files always may. */
  readonly node: boolean;
  /** May import `node:net`, `node:tls`, `node:fs` and `node:ffi`. */
  readonly io: boolean;
  /** Built into files of its own with everything it imports, which are devDependencies therefore. */
  readonly bundled?: boolean;
  /** The runtimes that are kept in their place: only layers that name one may import it. */
  readonly runtimes?: readonly string[];
}

const contracts = ['bytes', 'timing', 'engine', 'transport-contract'];
const libs = [...contracts, 'hub', 'transport', 'connection', 'inspection', 'supervision'];

export const layers: Readonly<Record<string, Layer>> = {
  bytes: { uses: [], node: false, io: false },
  timing: { uses: ['bytes'], node: false, io: false },
  engine: { uses: ['bytes'], node: false, io: false },
  hub: { uses: ['bytes'], node: false, io: false },
  'transport-contract': { uses: ['bytes'], node: false, io: false },
  transport: { uses: ['bytes', 'timing', 'transport-contract'], testsUse: ['transport'], node: true, io: true },
  connection: { uses: contracts, testsUse: ['transport'], node: false, io: false, runtimes: ['xstate'] },
  inspection: { uses: ['bytes', 'timing', 'connection'], node: false, io: false, runtimes: ['xstate'] },
  supervision: {
    uses: [...contracts, 'connection'],
    testsUse: ['transport'],
    node: true,
    io: false,
    runtimes: ['effect'],
  },
  page: { uses: ['connection', 'inspection'], node: false, io: false, bundled: true },
  app: { uses: [...libs, 'page'], node: true, io: true, runtimes: ['effect'] },
  specs: { uses: [...libs, 'app'], node: true, io: true, runtimes: ['effect', 'xstate'] },
  tool: { uses: [...libs, 'app'], node: true, io: true },
};

const runtimePackage = /^(?:@(?<scope>effect|xstate)\/.+|(?<name>effect|xstate))$/;

/** The confined runtime a package belongs to (`effect` for `@effect/platform-node`), or `null`. */
export function runtimeOf(packageName: string): string | null {
  const groups = runtimePackage.exec(packageName)?.groups;
  return groups?.['scope'] ?? groups?.['name'] ?? null;
}

const ioModules = new Set(['net', 'tls', 'fs', 'ffi']);

/** Whether a specifier is one of the I/O modules (`node:fs/promises` is `node:fs`). */
export function isIoModule(specifier: string): boolean {
  return ioModules.has(specifier.replace(/^node:/, '').split('/')[0] ?? '');
}
