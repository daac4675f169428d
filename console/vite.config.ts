// Builds the console into dist/console: hashed assets, no inline script or style, a placeholder that the server replaces by each answer's nonce.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

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
  server: { proxy: { '/v1': process.env.REKEY_DEV_URL ?? 'http://127.0.0.1:7443' } },
});
