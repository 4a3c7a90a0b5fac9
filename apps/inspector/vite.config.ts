// Builds the page into dist/: files with hashes in their names below assets/, no inline script, nothing from elsewhere. In development
// the gateway's part is played by dev/, in the same process.

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Answers `/inspection/…` with a gateway that is made up. Loaded when it is needed: a build does not know it. */
function madeUpGateway(): Plugin {
  return {
    name: 'made-up-gateway',
    apply: 'serve',
    async configureServer(server) {
      const url = new URL('dev/fake-gateway.ts', import.meta.url).href;
      const { FakeGateway } = (await import(/* @vite-ignore */ url)) as typeof import('./dev/fake-gateway.ts');
      const gateway = new FakeGateway({ connections: Number(process.env['CONNECTIONS'] ?? 2000) });
      server.middlewares.use((request, response, next) => {
        if (!gateway.answer(request, response)) next();
      });
      server.httpServer?.once('close', () => gateway.close());
    },
  };
}

export default defineConfig({
  base: '/inspector/',
  plugins: [react(), madeUpGateway()],
  build: { outDir: 'dist', assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023', reportCompressedSize: false, chunkSizeWarningLimit: 800 },
});
