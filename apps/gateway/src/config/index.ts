// Configuration of the gateway: one schema, and everything that is made from it.

export { GatewayConfig } from './gateway-config.ts';
export { loadConfig, type LoadedConfig, type LoadOptions, type RefusedConfig } from './load.ts';
export type { Environment } from './environment.ts';
export { directoryProblem, type DirectoryProblem } from './directories.ts';
export type { ReadFile } from './file.ts';
export { listenerSpelling } from './places.ts';
export { formatProblem, type Problem } from './problems.ts';
export { formatSource, type Source } from './sources.ts';
export { isLoopback, parseAddress, type ListenAddress } from './addresses.ts';
export { canonicalThumbprint } from './thumbprint.ts';
export { configJsonSchema } from './json-schema.ts';
export { configurationTables } from './documentation.ts';
