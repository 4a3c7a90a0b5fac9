import type { GatewayConfig } from './gateway-config.ts';

/** Whether topics need a token: there is one, for publishing or for reading alone. */
export function needsToken({ auth }: Pick<GatewayConfig, 'auth'>): boolean {
  return auth.tokens.length + auth.readTokens.length > 0;
}
