/**
 * What the tabs of one browser do together. They share one refresh cookie, so that one of them renews it at a time and
 * gives the others the access token that it got. Tokens pass from memory to memory; the storage never sees one.
 */
import { uuid } from '@/lib/uuid'

const CHANNEL = 'mesto.token'
const LOCK = 'mesto.refresh'
/**
 * So long a tab waits for another one that renews. The service answers a token that was used once more within ten
 * seconds, so whoever goes on then, because the other tab is frozen, ends nobody's session.
 */
export const PATIENCE_MS = 8000
/** How long it takes at most until another tab's word in the storage is seen here. */
const SETTLING_MS = 40
const LOOK_MS = 200

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL)

/** Give the other tabs a new access token. */
export function passToken(token: string): void {
  channel?.postMessage(token)
}

/** Hear of the tokens that other tabs have got. */
export function onPassedToken(listener: (token: string) => void): void {
  channel?.addEventListener('message', ({ data }) => typeof data === 'string' && listener(data))
}

/** Resolves when another tab gives a token, or after so long: locks are given on faster than words come. */
export function nextToken(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = setTimeout(done, ms)
    function done(): void {
      clearTimeout(end)
      channel?.removeEventListener('message', done)
      resolve()
    }
    channel?.addEventListener('message', done)
  })
}

/**
 * Run something that one tab does at a time: here when no other one does it, or after so long a wait. `waited` says
 * that another tab has done it meanwhile, or tried to.
 */
export function oneTabAtATime<T>(run: (waited: boolean) => Promise<T>): Promise<T> {
  // Pages over plain HTTP have no locks.
  return 'locks' in navigator ? withLock(run) : withMark(run)
}

async function withLock<T>(run: (waited: boolean) => Promise<T>): Promise<T> {
  let begun = false
  const begin = (waited: boolean) => ((begun = true), run(waited))
  try {
    const [got] = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) =>
      lock ? [await begin(false)] : [],
    )
    if (begun) return got as T
    const signal = AbortSignal.timeout(PATIENCE_MS)
    return (await navigator.locks.request(LOCK, { signal }, () => begin(true))) as T
  } catch (error) {
    // Who waited in vain, or may use no locks, goes on without one.
    if (begun) throw error
    return begin(false)
  }
}

async function withMark<T>(run: (waited: boolean) => Promise<T>): Promise<T> {
  const mine = uuid()
  const end = Date.now() + PATIENCE_MS
  let waited = false
  while (Date.now() < end && !(await marked(mine))) {
    waited = true
    await pause(LOOK_MS)
  }
  try {
    return await run(waited)
  } finally {
    if (mark()?.owner === mine) safely(() => localStorage.removeItem(LOCK))
  }
}

interface Mark {
  owner: string
  until: number
}

/** Which tab renews now; a mark that was left behind by a tab that was closed ends by itself. */
function mark(): Mark | null {
  const found = safely(() => JSON.parse(localStorage.getItem(LOCK) ?? 'null') as Partial<Mark> | null)
  if (typeof found?.owner !== 'string' || typeof found.until !== 'number') return null
  return found.until > Date.now() ? (found as Mark) : null
}

/** Put a tab's mark into the storage; false where another tab's stands there, or came out on top of it. */
async function marked(owner: string): Promise<boolean> {
  if (mark()) return false
  const text = JSON.stringify({ owner, until: Date.now() + PATIENCE_MS })
  // Without storage there is nothing to agree by.
  if (safely(() => (localStorage.setItem(LOCK, text), true)) === null) return true
  await pause(SETTLING_MS)
  return mark()?.owner === owner
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function safely<T>(action: () => T): T | null {
  try {
    return action()
  } catch {
    return null
  }
}
