import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { useQueryCache } from '@pinia/colada'
import { auth, type Registration, type User } from '@/api'
import { refreshSession, setAccessToken } from '@/api/http'
import { toProblem, type ProblemError } from '@/api/problem'
import { dropPersonal } from '@/lib/queries'

/** Whether this browser may hold a refresh cookie (which scripts cannot see): spares strangers a refused call. */
const HINT = 'mesto.session'

export const useSession = defineStore('session', () => {
  const user = ref<User | null>(null)
  const signedIn = computed(() => user.value !== null)
  /** Why it is not known whether there is a session: auth did not answer. */
  const away = shallowRef<ProblemError | null>(null)
  let starting: Promise<void> | null = null
  const cache = useQueryCache()

  async function restore(): Promise<void> {
    if (!hinted()) return
    try {
      if (await refreshSession()) user.value = await auth.me()
      else hint(false)
      away.value = null
    } catch (error) {
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

  async function login(email: string, password: string): Promise<void> {
    const token = await auth.login(email, password)
    // Somebody else may have been signed in until now.
    dropPersonal(cache)
    setAccessToken(token.access_token)
    user.value = await auth.me()
    away.value = null
    hint(true)
  }

  async function register(body: Registration): Promise<void> {
    await auth.register(body)
    await login(body.email, body.password)
  }

  /** What the service says by now of somebody whose address was not verified; the access token says it, too. */
  async function renewUnverified(): Promise<void> {
    if (user.value?.email_verified !== false) return
    try {
      const now = await auth.me()
      if (now.email_verified && (await refreshSession())) user.value = now
    } catch {
      // It is asked again when the page is looked at next.
    }
  }

  async function logout(): Promise<void> {
    try {
      await auth.logout()
    } finally {
      forget()
    }
  }

  function forget(): void {
    user.value = null
    away.value = null
    setAccessToken(null)
    dropPersonal(cache)
    hint(false)
  }

  /** Whether the account has a role: everybody is a renter. */
  function may(role: 'renter' | 'owner' | 'moderator'): boolean {
    return role === 'renter' ? signedIn.value : !!user.value?.roles?.includes(role)
  }

  return { user, away, signedIn, may, ready, login, register, renewUnverified, logout, forget }
})

/** Tells when another tab of this browser has signed out. */
export function watchOtherTabs(signedOut: () => void): void {
  window.addEventListener('storage', (event) => {
    if (event.key === HINT && event.newValue === null) signedOut()
  })
}

function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) === '1'
  } catch {
    return true
  }
}

function hint(on: boolean): void {
  try {
    if (on) localStorage.setItem(HINT, '1')
    else localStorage.removeItem(HINT)
  } catch {
    // Without storage the refresh call itself tells.
  }
}
