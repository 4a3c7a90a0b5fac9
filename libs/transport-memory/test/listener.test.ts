import { describe, expect, it } from 'vitest';
import { MemoryNetwork } from '../src/index.ts';

describe('a listener', () => {
  it('resets connections that it had not accepted when it closed', () => {
    const network = new MemoryNetwork({ seed: 1, faults: { latencyMs: 5 } });
    const events: string[] = [];
    const listener = network.listen({ host: 'memory', port: 80 }, { onAccept: () => events.push('accept'), onError() {}, onClose: () => events.push('listener closed') });
    network.connect(listener.address, {
      onConnect(endpoint) {
        endpoint.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose: (error) => events.push(error?.kind ?? 'closed') });
        endpoint.setReading(true);
      },
      onFailure: (error) => events.push(error.kind),
    });
    // The connection is made at 5 ms, and accepted by the event after that.
    network.clock.schedule(5, () => listener.close());
    network.run();
    expect(events.filter((event) => event !== 'listener closed')).toEqual(['connectionReset']);
    expect(events).toContain('listener closed');
  });

  it('closes once', () => {
    const network = new MemoryNetwork({ seed: 1 });
    let closes = 0;
    const listener = network.listen({ host: 'memory', port: 80 }, { onAccept() {}, onError() {}, onClose: () => closes++ });
    listener.close();
    listener.close();
    expect(closes).toBe(0);
    network.run();
    expect(closes).toBe(1);
  });
});
