import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { useQueryCache } from '@pinia/colada'
import { auth, type Registration, type User } from '@/api'
import { checkSession, refreshSession, sameSession, setAccessToken } from '@/api/http'
import { toProblem, type ProblemError } from '@/api/problem'
import { dropPersonal } from '@/lib/queries'

/**
 * Whose refresh cookie (which scripts cannot see) this browser may hold: the account's id, or `1`, as it was written
 * once. It spares strangers a refused call, and tells other tabs who has signed in or out.
 */
const HINT = 'mesto.session'
const SOMEBODY = '1'

export const useSession = defineStore('session', () => {
  const user = ref<User | null>(null)
  const signedIn = computed(() => user.value !== null)
  /** Why it is not known whether there is a session: auth did not answer. */
  const away = shallowRef<ProblemError | null>(null)
  let starting: Promise<void> | null = null
  const cache = useQueryCache()

  async function restore(): Promise<void> {
    if (!hinted()) return
    const same = sameSession()
    try {
      const token = await refreshSession()
      const account = token && same() ? await auth.me() : null
      if (same()) become(account)
    } catch (error) {
      if (!same()) return
      // Auth is unreachable: nobody was signed out by that, and the next page asks again.
      away.value = toProblem(error)
      starting = null
    }
  }

  /** Settles once it is known whether there is a session, or that it cannot be known now (`away`). */
  function ready(): Promise<void> {
    if (user.value) return Promise.resolve()
    return (starting ??= restore())
  }

  /** What is known of who is signed in: an account, or nobody. */
  function become(account: User | null): void {
    user.value = account
    away.value = null
    hint(account?.id ?? null)
  }

  /** End the session of whoever was signed in here, and forget all that was theirs. */
  function leave(): void {
    user.value = null
    away.value = null
    starting = null
    setAccessToken(null)
    dropPersonal(cache)
  }

  /** Sign in; `remember`: for longer than the browser is open. */
  async function login(email: string, password: string, remember = true): Promise<void> {
    const token = await auth.login(email, password, remember)
    // Somebody else may have been signed in until now.
    leave()
    setAccessToken(token.access_token)
    const same = sameSession()
    const account = await auth.me()
    if (same()) become(account)
  }

  /** Someone else has signed in in another tab, and the cookie is theirs: so is this tab from now on. */
  function takeOver(): Promise<void> {
    leave()
    return ready()
  }

  async function register(body: Registration): Promise<void> {
    await auth.register(body)
    await login(body.email, body.password)
  }

  /** Whether the session is still one, after something that may have ended it; told by `onSignedOut` when not. */
  async function check(): Promise<void> {
    if (!user.value) return
    await checkSession().catch(() => undefined)
  }

  /** Ask anew what the account is by now; what cannot be asked is left as it is. */
  async function refetch(): Promise<void> {
    if (!user.value) return
    const same = sameSession()
    const now = await auth.me().catch(() => null)
    if (now && same()) user.value = now
  }

  /** The same, and a new token, which says it, too. */
  async function renew(): Promise<void> {
    if (!user.value) return
    const same = sameSession()
    await refreshSession().catch(() => null)
    if (same()) await refetch()
  }

  /** What the service says by now of somebody whose address was not verified; the access token says it, too. */
  async function renewUnverified(): Promise<void> {
    if (user.value?.email_verified !== false) return
    const same = sameSession()
    try {
      const now = await auth.me()
      if (now.email_verified && same() && (await refreshSession()) && same()) user.value = now
    } catch {
      // It is asked again when the page is looked at next.
    }
  }

  /** Sign out. Rejects, and nothing has changed, when the service did not say that the session is over. */
  async function logout(): Promise<void> {
    await auth.logout()
    forget()
  }

  function forget(): void {
    leave()
    hint(null)
  }

  /** Whether the account has a role: everybody is a renter. */
  function may(role: 'renter' | 'owner' | 'moderator'): boolean {
    return role === 'renter' ? signedIn.value : !!user.value?.roles?.includes(role)
  }

  return {
    user,
    away,
    signedIn,
    may,
    ready,
    login,
    register,
    takeOver,
    check,
    refetch,
    renew,
    renewUnverified,
    logout,
    forget,
  }
})

/** Tells when another tab of this browser has signed out, or in as somebody (their id). */
export function watchOtherTabs(signedOut: () => void, signedIn: (id: string) => void): void {
  window.addEventListener('storage', ({ key, newValue: id }) => {
    if (key !== HINT) return
    if (id === null) signedOut()
    else if (id !== SOMEBODY) signedIn(id)
  })
}

function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) !== null
  } catch {
    return true
  }
}

function hint(id: string | null): void {
  try {
    if (id !== null) localStorage.setItem(HINT, id)
    else localStorage.removeItem(HINT)
  } catch {
    // Without storage the refresh call itself tells.
  }
}
