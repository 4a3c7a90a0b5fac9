export * from './errors.ts';
export * from './endpoint.ts';
export * from './transport.ts';
export * from './security.ts';
