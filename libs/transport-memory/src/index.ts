export { breakingFaults, harmlessFaults, type Direction, type FaultPlan, type LinkFaults } from './faults.ts';
export { MemoryEndpoint } from './endpoint.ts';
export { MemoryListener } from './listener.ts';
export { MemoryNetwork, type ConnectSink, type MemoryNetworkOptions } from './network.ts';
export { Random } from './random.ts';
export { MemoryResolver, type ScriptedAnswer } from './resolver.ts';
export { forEachSeed, forEachSeedAsync, SeedFailure, type SeedRange } from './seeds.ts';
export { MemorySocket } from './socket.ts';
export { MemoryTransport } from './transport.ts';
