// Tells the log of proxies for which settings seem to be missing, here or there.

import type { Log } from '../log/log.ts';
import type { ProxyDoubts } from './trusted-proxies.ts';

export function proxyDoubts(log: Log): ProxyDoubts {
  return {
    onUnlisted: (peer, field) => {
      const remedy = 'if that is a proxy, list it in trustedProxies: until then all its clients count as one, and are not limited';
      log.warn(`a request came with ${field} from a peer that is not in trustedProxies`, { peer, remedy });
    },
    onSilent: (peer, field) => {
      log.info(`a request came without ${field} from a peer that is in trustedProxies`, { peer, remedy: `if that is the proxy's, let it set ${field}` });
    },
  };
}
