import axios, { type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { toProblem } from './problem'
import type { Tokens } from './generated'

declare module 'axios' {
  interface InternalAxiosRequestConfig {
    /** Set on the second try after a silent refresh, so that a refused token never loops. */
    retried?: boolean
    /** How often a read was repeated because the service was away for a moment. */
    attempts?: number
  }
}

/** What the API layer needs to know about the app; set once by main.ts (and by tests). */
export interface Hooks {
  locale: () => string
  /** The session is over: the refresh cookie was refused. */
  onSignedOut: () => void
}

const hooks: Hooks = { locale: () => 'ru', onSignedOut: () => undefined }
let accessToken: string | null = null
let refreshing: Promise<string | null> | null = null
const tokenListeners = new Set<(token: string | null) => void>()

export function configureApi(next: Partial<Hooks>): void {
  Object.assign(hooks, next)
}

/** The access token lives in memory only: a script that reads storage finds nothing. */
export function setAccessToken(token: string | null): void {
  accessToken = token
  tokenListeners.forEach((listener) => listener(token))
}
export function getAccessToken(): string | null {
  return accessToken
}
export function onAccessToken(listener: (token: string | null) => void): () => void {
  tokenListeners.add(listener)
  return () => tokenListeners.delete(listener)
}

export const http: AxiosInstance = axios.create({
  timeout: 20_000,
  withCredentials: true,
})

/**
 * Exchange the refresh cookie for an access token; calls made meanwhile share the one exchange.
 * Resolves to null when there is no session, rejects when the service cannot say (offline, 5xx).
 */
export function refreshSession(): Promise<string | null> {
  refreshing ??= http
    .post<Tokens>('/api/auth/refresh', undefined, { retried: true } as AxiosRequestConfig)
    .then(({ data }) => {
      setAccessToken(data.access_token)
      return data.access_token
    })
    .catch((error: unknown) => {
      const problem = toProblem(error)
      if (problem.transient) throw problem
      setAccessToken(null)
      return null
    })
    .finally(() => {
      refreshing = null
    })
  return refreshing
}

/** 32 hexadecimal digits. Not crypto.randomUUID: a page over plain HTTP has none. */
function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

http.interceptors.request.use((config: InternalAxiosRequestConfig) => {
  config.headers.set('Accept-Language', hooks.locale())
  // One id from here to the last task that this call causes; a repeated call keeps it.
  if (!config.headers.has('X-Request-Id')) config.headers.set('X-Request-Id', requestId())
  if (accessToken && !config.headers.has('Authorization')) config.headers.set('Authorization', `Bearer ${accessToken}`)
  return config
})

const PAUSES_MS = [400, 1200]

/** A service that restarts is away for a second or two: reads are worth repeating, writes are not ours to repeat. */
function pauseBefore(error: unknown, config: InternalAxiosRequestConfig | undefined): number | undefined {
  if (!axios.isAxiosError(error) || config?.method?.toLowerCase() !== 'get') return undefined
  return [502, 503, 504].includes(error.response?.status ?? 0) ? PAUSES_MS[config.attempts ?? 0] : undefined
}

http.interceptors.response.use(undefined, async (error: unknown) => {
  const config = axios.isAxiosError(error) ? error.config : undefined
  const pause = pauseBefore(error, config)
  if (config && pause !== undefined) {
    config.attempts = (config.attempts ?? 0) + 1
    await new Promise((resolve) => setTimeout(resolve, pause))
    return http.request(config)
  }
  const refused = axios.isAxiosError(error) && error.response?.status === 401
  if (!refused || !config || config.retried || !accessToken) throw toProblem(error)
  const token = await refreshSession()
  if (!token) {
    hooks.onSignedOut()
    throw toProblem(error)
  }
  config.retried = true
  config.headers.set('Authorization', `Bearer ${token}`)
  return http.request(config)
})
