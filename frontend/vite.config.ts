import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import vuetify from 'vite-plugin-vuetify'
import { defineConfig } from 'vitest/config'

/** Where the gateway answers while developing; the built bundle is served by the gateway itself. */
const gateway = process.env.MESTO_GATEWAY ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), vuetify({ autoImport: true })],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': { target: gateway, ws: true, changeOrigin: false } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 1200, manifest: true },
  test: {
    environment: 'jsdom',
    pool: 'vmThreads', // one jsdom for each worker instead of one for each file: a third of the time
    include: ['src/**/*.spec.ts'],
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    setupFiles: ['src/testing/setup.ts'],
    css: { include: [/\/main\.css/] }, // tokens.spec.ts reads it; others are empty
    server: { deps: { inline: ['vuetify'] } },
    reporters: process.env.MESTO_JUNIT
      ? ['default', ['junit', { outputFile: process.env.MESTO_JUNIT, suiteName: 'frontend' }]]
      : ['default'],
    env: { TZ: 'Europe/Berlin' },
  },
})
