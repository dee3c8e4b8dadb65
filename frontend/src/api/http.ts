import axios, { type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { toProblem, type ProblemError } from './problem'
import { nextToken, onPassedToken, oneTabAtATime, passToken } from './tabs'
import type { Tokens } from './generated'

declare module 'axios' {
  interface InternalAxiosRequestConfig {
    /** Set on the second try after a silent refresh, so that a refused token never loops. */
    retried?: boolean
    /** How often a read was repeated because the service was away for a moment. */
    attempts?: number
    /** The session in which the call was made: another's token must not repeat it. */
    session?: number
    /** Set on the second try with a token that another tab has got. */
    passed?: boolean
    /** Set on the second try after the reader has proved who they are. */
    proven?: boolean
  }
}

/** What the API layer needs to know about the app; set once by main.ts (and by tests). */
export interface Hooks {
  locale: () => string
  /** The session is over: the refresh cookie was refused, for this reason. */
  onSignedOut: (reason: ProblemError) => void
  /** The refresh cookie is another account's by now: someone else signed in in another tab of this browser. */
  onOtherAccount: () => void
  /** Something wants a fresh proof of who is signed in; resolves to whether it was given. */
  onStepUp: () => Promise<boolean>
}

const hooks: Hooks = {
  locale: () => 'ru',
  onSignedOut: () => undefined,
  onOtherAccount: () => undefined,
  onStepUp: () => Promise.resolve(false),
}
let accessToken: string | null = null
/** The newest token that another tab has got; it may be of a session that this one does not know yet. */
let passed: string | null = null
/** Counts the sessions of this page: what a session asked for is not taken by the next one. */
let session = 0
let refreshing: Promise<string | null> | null = null
const tokenListeners = new Set<(token: string | null) => void>()

export function configureApi(next: Partial<Hooks>): void {
  Object.assign(hooks, next)
}

/**
 * Begin a session with its token, or end it (null); a refresh still on its way belongs to the session before.
 * The access token lives in memory only: a script that reads storage finds nothing.
 */
export function setAccessToken(token: string | null): void {
  session += 1
  refreshing = null
  keep(token)
}
function keep(token: string | null): void {
  accessToken = token
  tokenListeners.forEach((listener) => listener(token))
}
/** A question to be asked when an answer has come: is the session still the one of now? */
export function sameSession(): () => boolean {
  const begun = session
  return () => begun === session
}
/** Take a newer token of the session that there is, and give it to the other tabs. */
export function renewAccessToken(token: string): void {
  keep(token)
  passToken(token)
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

/** Whose token it is; undefined if it does not say. */
function subjectOf(token: string): string | undefined {
  try {
    const claims = token.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/')
    return claims && (JSON.parse(atob(claims)) as { sub?: string }).sub
  } catch {
    return undefined
  }
}

onPassedToken((token) => {
  passed = token
  if (accessToken && subjectOf(accessToken) === subjectOf(token)) keep(token)
})

/** An answer that did not come is asked for once more at once: the service gives the same again for a short while. */
const EXCHANGE_MS = 8000
async function exchange(): Promise<string> {
  const ask = () => {
    const config: AxiosRequestConfig = { timeout: EXCHANGE_MS }
    return http.post<Tokens>('/api/auth/refresh', undefined, { ...config, retried: true } as AxiosRequestConfig)
  }
  const { data } = await ask().catch((error: unknown) => {
    if (toProblem(error).offline) return ask()
    throw error
  })
  return data.access_token
}

/** How long a token that another tab has got may be on its way to this one. */
const ON_ITS_WAY_MS = 300
/** Why the last refresh was refused. */
let refusal: ProblemError | null = null

/** Exchange the cookie, unless another tab has done so while this one waited for its turn. */
async function renew(same: () => boolean, before: string | null, waited: boolean): Promise<string | null> {
  if (waited && accessToken === before && !passed) await nextToken(ON_ITS_WAY_MS)
  if (!same() || accessToken !== before) return accessToken
  const heard = before === null ? passed : null
  try {
    const token = heard ?? (await exchange())
    if (!same()) return accessToken
    if (accessToken && subjectOf(accessToken) !== subjectOf(token)) {
      setAccessToken(null)
      hooks.onOtherAccount()
    } else {
      keep(token)
      if (!heard) passToken(token)
    }
    return accessToken
  } catch (error) {
    if (!same()) return accessToken
    const problem = toProblem(error)
    if (problem.transient) throw problem
    refusal = problem
    keep(null)
    return null
  }
}

/**
 * Exchange the refresh cookie for an access token; calls made meanwhile, in all tabs, share the one exchange.
 * Resolves to null when there is no session, rejects when the service cannot say (offline, 5xx). An answer that comes
 * after the session has ended, or that is another account's, is not taken: it resolves to the token there is then.
 */
export function refreshSession(): Promise<string | null> {
  if (refreshing) return refreshing
  const [same, before] = [sameSession(), accessToken]
  passed = null
  const renewing = oneTabAtATime((waited) => renew(same, before, waited)).finally(() => {
    if (refreshing === renewing) refreshing = null
  })
  refreshing = renewing
  return renewing
}

/** Look whether the session is still one, where something else than a call has been refused; tells when it is over. */
export async function checkSession(): Promise<boolean> {
  const same = sameSession()
  const token = await refreshSession()
  if (!token && same()) tellSignedOut()
  return token !== null
}
function tellSignedOut(): void {
  if (refusal) hooks.onSignedOut(refusal)
}

/** 32 hexadecimal digits. Not crypto.randomUUID: a page over plain HTTP has none. */
function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

http.interceptors.request.use((config: InternalAxiosRequestConfig) => {
  config.session ??= session
  config.headers.set('Accept-Language', hooks.locale())
  // One id from here to the last task that this call causes; a repeated call keeps it.
  if (!config.headers.has('X-Request-Id')) config.headers.set('X-Request-Id', requestId())
  if (accessToken && !config.headers.has('Authorization')) config.headers.set('Authorization', `Bearer ${accessToken}`)
  return config
})

const PAUSES_MS = [400, 1200]

/** Resolves after so many milliseconds, or as soon as the asker wants no answer any more. */
function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

/** A service that restarts is away for a second or two: reads are worth repeating, writes are not ours to repeat. */
function pauseBefore(error: unknown, config: InternalAxiosRequestConfig | undefined): number | undefined {
  if (!axios.isAxiosError(error) || config?.method?.toLowerCase() !== 'get') return undefined
  return [502, 503, 504].includes(error.response?.status ?? 0) ? PAUSES_MS[config.attempts ?? 0] : undefined
}

http.interceptors.response.use(undefined, async (error: unknown) => {
  const config = axios.isAxiosError(error) ? error.config : undefined
  const signal = config?.signal as AbortSignal | undefined
  // Whoever aborted knows its own reason again; any other error would be shown as one.
  signal?.throwIfAborted()
  const pause = pauseBefore(error, config)
  if (config && pause !== undefined) {
    config.attempts = (config.attempts ?? 0) + 1
    await pauseFor(pause, signal)
    signal?.throwIfAborted()
    return http.request(config)
  }
  if (!config || config.session !== session) throw toProblem(error)
  if (isStepUp(error) && !config.proven) return proveAndRepeat(config, error)
  if (!isTokenRefused(error) || config.retried || !accessToken) throw toProblem(error)
  if (!config.passed && config.headers.get('Authorization') !== `Bearer ${accessToken}`) {
    // Another tab has got a newer token since this was sent.
    config.passed = true
    return repeat(config, accessToken)
  }
  const token = await refreshSession()
  // Whose call it was is not signed in any more: nobody else repeats it, and what ended the session has told so.
  if (config.session !== session) throw toProblem(error)
  if (!token) {
    tellSignedOut()
    throw toProblem(error)
  }
  config.retried = true
  return repeat(config, token)
})

function repeat(config: InternalAxiosRequestConfig, token: string) {
  config.headers.set('Authorization', `Bearer ${token}`)
  return http.request(config)
}

/** Answers of 401 that are about what was written into a form, not about the token. */
const OF_FORMS = new Set(['wrong-credentials', 'second-factor-needed'])
function isTokenRefused(error: unknown): boolean {
  const problem = toProblem(error)
  return problem.status === 401 && !OF_FORMS.has(problem.slug)
}

function isStepUp(error: unknown): boolean {
  const problem = toProblem(error)
  return problem.status === 403 && problem.slug === 'step-up-needed'
}

/** Once: who gives no proof, or is refused again, hears why. */
async function proveAndRepeat(config: InternalAxiosRequestConfig, error: unknown) {
  const proven = await hooks.onStepUp()
  if (!proven || !accessToken || config.session !== session) throw toProblem(error)
  config.proven = true
  return repeat(config, accessToken)
}
