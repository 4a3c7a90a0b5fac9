// Preloaded (`--import`) into a Node server whose memory is measured: SIGUSR2 collects garbage, so that what is compared
// is what the connections hold, not when the collector last ran. Needs --expose-gc.

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
