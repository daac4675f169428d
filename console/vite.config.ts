// Builds the console into dist/console: hashed assets, no inline script or style, a placeholder that the server replaces by each answer's nonce.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const socketPath = process.env.REKEY_DEV_SOCKET;

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // A data: URL would need a hole in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // A server by its address, or the socket of an opened estate (.rekey/rekey.sock), whose callers may do everything.
  server: {
    proxy: {
      '/v1': {
        target:
          socketPath === undefined ? (process.env.REKEY_DEV_URL ?? 'http://127.0.0.1:7443') : { socketPath, host: 'localhost', port: 80 },
      },
    },
  },
});
