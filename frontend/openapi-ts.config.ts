import { defineConfig } from '@hey-api/openapi-ts'

/** One client per service: each service's OpenAPI is its own contract. */
export default defineConfig(
  (['auth', 'catalog', 'booking', 'geo'] as const).map((service) => ({
    input: `./openapi/${service}.json`,
    output: { path: `src/api/generated/${service}`, clean: true },
    plugins: ['@hey-api/client-axios', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'warn' as const },
  })),
)
