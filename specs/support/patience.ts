// How long a spec waits for what should happen soon. A limit is there to end what hangs, so it is generous, and longer where the machine is
// slow or busy with other work.

const slowness = Number(process.env['TEST_SLOWNESS'] ?? 1);

/** So long on a quiet machine, in ms; longer by the factor that was measured when the tests began. */
export function patienceMs(quietMs = 30_000): number {
  return quietMs * slowness;
}
