// What specs and embedding programs use of the gateway; `main.ts` is the process.

export { adoptUpgrade, requestHead, type UpgradeRequest } from './adoption/node-upgrade.ts';
export { configurationTables, loadConfig, type GatewayConfig, type LoadedConfig } from './config/index.ts';
export { startGateway, type Gateway, type GatewayOptions } from './gateway.ts';
export { ListenersFailed, type ListenFailure } from './listeners-failed.ts';
export { LineWriter } from './log/line-writer.ts';
export { Log } from './log/log.ts';
