export * from './address-order.ts';
export * from './backoff.ts';
export * from './connect-failure.ts';
export * from './connector-chart.ts';
export * from './connector-options.ts';
export * from './connector-steps.ts';
export * from './connector.ts';
export * from './outbound-session.ts';
