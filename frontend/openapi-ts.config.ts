import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from '@hey-api/openapi-ts'

/**
 * One client for all services: their OpenAPI files are put together before they are read, with the schemas of the live
 * events beside them. Only what the app uses is generated; how failures look is `problem.ts`'s.
 */
const USED: Record<string, string[]> = {
  auth: [
    'change_email',
    'change_password',
    'confirm_email_change',
    'confirm_recovery',
    'edit_me',
    'end_other_sessions',
    'end_session',
    'get_text',
    'give_consent',
    'list_consents',
    'list_sessions',
    'list_texts',
    'login',
    'logout',
    'me',
    'recover',
    'refresh',
    'register',
    'resend_verification',
    'step_up',
    'undo_email_change',
    'verify',
    'withdraw_email_change',
  ],
  booking: [
    'cancel_booking',
    'create_booking',
    'get_availability',
    'get_booking',
    'list_bookings',
    'preview_cancellation',
    'settle_sandbox_payment',
    'start_payment',
  ],
  catalog: ['get_space', 'list_spaces'],
  geo: ['list_cities', 'list_districts', 'list_stops'],
}
const LIVE = '../docs/events/live'

type Json = Record<string, unknown>
const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Json
const part = (node: unknown, key: string) => ((node as Json | undefined)?.[key] ?? {}) as Json
const schemas: Json = {}
const paths: Json = {}

/** The same node with every reference to a schema led through `rename`. */
function redirect(node: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((item) => redirect(item, rename))
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) => {
    const name = key === '$ref' && typeof value === 'string' ? value.split('/').pop() : undefined
    return [key, name ? `#/components/schemas/${rename(name)}` : redirect(value, rename)]
  })
  return Object.fromEntries(entries)
}

/** Add the schemas of one document; a name that already means something else gets the document's own before it. */
function add(owner: string, found: Json): (name: string) => string {
  const prefix = owner.charAt(0).toUpperCase() + owner.slice(1)
  const names = new Map(
    Object.entries(found).map(([name, schema]) => {
      const taken =
        name in schemas && JSON.stringify(schemas[name]) !== JSON.stringify(redirect(schema, (same) => same))
      return [name, taken ? `${prefix}${name}` : name]
    }),
  )
  const rename = (name: string) => names.get(name) ?? name
  for (const [name, schema] of Object.entries(found)) schemas[rename(name)] = redirect(schema, rename)
  return rename
}

for (const [service, used] of Object.entries(USED)) {
  const document = read(`./openapi/${service}.json`)
  const rename = add(service, part(document.components, 'schemas'))
  const missing = new Set(used)
  for (const [path, methods] of Object.entries(document.paths as Json)) {
    for (const [method, operation] of Object.entries(methods as Json)) {
      if (!missing.delete(String((operation as Json).operationId))) continue
      const answers = Object.entries(part(operation, 'responses')).filter(([status]) => status.startsWith('2'))
      const kept = redirect({ ...(operation as Json), responses: Object.fromEntries(answers) }, rename)
      paths[path] = { ...part(paths, path), [method]: kept }
    }
  }
  if (missing.size) throw new Error(`${service} has no ${[...missing].join(', ')}`)
}
/** `booking.updated` is told as a BookingUpdated. */
const live: string[] = []
for (const file of readdirSync(new URL(LIVE, import.meta.url))) {
  const { $defs, ...event } = read(`${LIVE}/${file}`)
  const name = file.replace('.json', '').replace(/(^|\.)(\w)/g, (_all, _dot, letter: string) => letter.toUpperCase())
  live.push(name)
  const rename = add('live', ($defs ?? {}) as Json)
  schemas[name] = redirect(event, rename)
}

/** Names of the schemas that a node leads to, themselves included. */
function reached(node: unknown, seen = new Set<string>()): Set<string> {
  const text = JSON.stringify(node) ?? ''
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (!name || seen.has(name)) continue
    seen.add(name)
    reached(schemas[name], seen)
  }
  return seen
}
const kept = new Set([...reached(paths), ...live, ...live.flatMap((name) => [...reached(schemas[name])])])

export default defineConfig({
  input: {
    openapi: '3.1.0',
    info: { title: 'Mesto', version: '1' },
    paths,
    components: { schemas: Object.fromEntries([...kept].sort().map((name) => [name, schemas[name]])) },
  },
  output: { path: 'src/api/generated', clean: true },
  plugins: ['@hey-api/client-axios', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'warn' },
})
