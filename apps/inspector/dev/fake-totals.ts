// Counts of a made-up gateway, a sample each second, the last ten minutes of them.

import type { FakeConnection } from './fake-connection.ts';

const kept = 600;

export interface Counted {
  opened: number;
  closes: Record<string, number>;
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
}

export class FakeTotals {
  readonly counted: Counted = { opened: 0, closes: {}, bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
  readonly samples: object[] = [];

  sample(connections: Iterable<FakeConnection>, nowMs: number): object {
    const byPhase: Record<string, number> = { handshake: 0, established: 0, draining: 0, writeAndAbort: 0 };
    const byProtocol: Record<string, number> = {};
    let open = 0;
    const { counted } = this;
    for (const { state, protocol, rateIn, rateOut } of connections) {
      open++;
      byPhase[state.phase] = (byPhase[state.phase] ?? 0) + 1;
      byProtocol[protocol] = (byProtocol[protocol] ?? 0) + 1;
      counted.bytesIn += rateIn;
      counted.bytesOut += rateOut;
      counted.messagesIn += Math.round(rateIn / 240);
      counted.messagesOut += Math.round(rateOut / 240);
    }
    const loopDelayP99Ms = 0.8 + Math.abs(Math.sin(nowMs / 9000)) * 1.4;
    const sample = { atMs: nowMs, open, byPhase, byProtocol, ...counted, closes: { ...counted.closes }, loopDelayP99Ms, rssBytes: 92e6 + open * 2600 };
    this.samples.push(sample);
    if (this.samples.length > kept) this.samples.shift();
    return sample;
  }
}
