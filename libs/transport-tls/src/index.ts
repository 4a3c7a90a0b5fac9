export * from './client-contexts.ts';
export * from './contexts.ts';
export * from './endpoint.ts';
export type { Pem, TlsIdentity, TlsSettings, TlsVersion } from './handshake.ts';
export { liveChannels } from './native/channel.ts';
export { tlsForm } from './native/form.ts';
export * from './transport.ts';
