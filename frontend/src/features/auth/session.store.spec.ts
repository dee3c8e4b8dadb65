import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'
import { useQueryCache } from '@pinia/colada'
import { auth, type User } from '@/api'
import { getAccessToken, refreshSession, setAccessToken } from '@/api/http'
import { ProblemError } from '@/api/problem'
import { useBrokenPage, watchForBrokenPages } from '@/app/useBrokenPage'
import { makeI18n } from '@/app/i18n'
import { PERSONAL } from '@/lib/queries'
import { freshStores } from '@/testing/render'
import { aUser } from '@/testing/samples'
import { makeRouter } from '@/app/router'
import { useSession, watchOtherTabs } from './session.store'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, me: vi.fn(), login: vi.fn(), logout: vi.fn() } }
})
vi.mock('@/api/http', async (original) => ({
  ...(await original<typeof import('@/api/http')>()),
  refreshSession: vi.fn(),
}))

const user = aUser()
const unavailable = new ProblemError(503, 'temporarily-unavailable', '')

function app() {
  const router = makeRouter(makeI18n('en'), createMemoryHistory())
  watchForBrokenPages(router)
  return router
}

describe('a session while auth is away', () => {
  beforeEach(() => {
    freshStores()
    localStorage.setItem('mesto.session', '1')
    vi.mocked(refreshSession).mockReset().mockRejectedValue(unavailable)
    vi.mocked(auth.me).mockReset().mockResolvedValue(user)
  })

  it('is not over: the page says that it did not load, and goes on to what was asked for', async () => {
    const router = app()
    await router.push('/bookings?tab=past').catch(() => undefined)
    expect(router.currentRoute.value.name).not.toBe('login')
    expect(useBrokenPage().value).toMatchObject({ problem: { status: 503 }, address: '/bookings?tab=past&lang=en' })
    expect(useSession().away).not.toBeNull()
    vi.mocked(refreshSession).mockResolvedValue('token')
    await router.push(useBrokenPage().value?.address ?? '')
    expect(router.currentRoute.value.fullPath).toBe('/bookings?tab=past&lang=en')
    expect([useBrokenPage().value, useSession().away]).toEqual([null, null])
  })

  it('is over once the cookie is refused', async () => {
    vi.mocked(refreshSession).mockResolvedValue(null)
    const router = app()
    await router.push('/bookings')
    expect(router.currentRoute.value.name).toBe('login')
  })
})

describe('signing in while signed in', () => {
  beforeEach(() => void freshStores())

  it.each([
    ['/spaces/loft?start=1', '/spaces/loft?start=1'],
    ['//evil.example', '/'],
  ])('goes on to %s within the app', async (next, there) => {
    useSession().user = user
    const router = app()
    await router.push({ path: '/login', query: { next } })
    expect(router.currentRoute.value.fullPath.replace(/[?&]lang=en/, '')).toBe(there)
  })
  it('shows the form where nothing was asked for, and to strangers', async () => {
    const router = app()
    await router.push('/login?next=/bookings')
    expect(router.currentRoute.value.name).toBe('login')
    useSession().user = user
    await router.push('/login')
    expect(router.currentRoute.value.name).toBe('login')
  })
})

describe('what was answered to whoever is signed in', () => {
  const [theirs, everybodys] = [
    [PERSONAL, 'bookings', 'single', 'en', 'b'],
    ['cities', 'en'],
  ]

  beforeEach(() => {
    freshStores()
    useSession().user = user
    for (const key of [theirs, everybodys]) useQueryCache().setQueryData(key, { of: key })
    vi.mocked(auth.me).mockReset().mockResolvedValue(user)
    vi.mocked(auth.login).mockResolvedValue({ access_token: 'token', token_type: 'bearer', expires_in: 600 })
  })

  it.each([
    ['sign out', () => useSession().logout()],
    ['are signed out', async () => useSession().forget()],
    ['give way to somebody else', () => useSession().login('b@example.org', 'secret')],
  ])('is forgotten when they %s', async (_way, leave) => {
    vi.mocked(auth.logout).mockReset()
    await leave()
    expect(useQueryCache().getEntries({ key: [PERSONAL] })).toEqual([])
    expect(useQueryCache().getQueryData(everybodys)).toEqual({ of: everybodys })
  })
})

describe('signing out while auth is away', () => {
  it('is not told as done: who was signed in still is, here and in other tabs', async () => {
    freshStores()
    localStorage.setItem('mesto.session', user.id)
    const session = useSession()
    session.user = user
    useQueryCache().setQueryData([PERSONAL, 'bookings'], 'x')
    vi.mocked(auth.logout).mockReset().mockRejectedValueOnce(unavailable)
    await expect(session.logout()).rejects.toBe(unavailable)
    expect([session.user, localStorage.getItem('mesto.session')]).toEqual([user, user.id])
    expect(useQueryCache().getQueryData([PERSONAL, 'bookings'])).toBe('x')
    await session.logout()
    expect([session.user, localStorage.getItem('mesto.session')]).toEqual([null, null])
  })
})

/** Another tab has written to the storage. */
function tell(key: string, newValue: string | null) {
  window.dispatchEvent(new StorageEvent('storage', { key, newValue }))
}

describe('signing in in another tab', () => {
  const boris = aUser({ id: 'boris' })

  it('is heard here with who it is, unless it does not say', () => {
    const signedIn = vi.fn()
    watchOtherTabs(vi.fn(), signedIn)
    tell('mesto.session', '1')
    tell('mesto.session', 'boris')
    expect(signedIn).toHaveBeenCalledExactlyOnceWith('boris')
  })

  it('makes this tab theirs: nothing of whoever was signed in here is left', async () => {
    freshStores()
    localStorage.setItem('mesto.session', 'boris')
    const session = useSession()
    session.user = user
    setAccessToken('old')
    useQueryCache().setQueryData([PERSONAL, 'bookings'], 'x')
    vi.mocked(refreshSession).mockReset().mockResolvedValue('new')
    vi.mocked(auth.me).mockReset().mockResolvedValue(boris)
    const over = session.takeOver()
    expect([session.user, getAccessToken()]).toEqual([null, null])
    await over
    expect(session.user).toEqual(boris)
    expect(useQueryCache().getEntries({ key: [PERSONAL] })).toEqual([])
  })

  it('is told to other tabs by the id of the account, which signing out takes away', async () => {
    freshStores()
    vi.mocked(auth.login).mockResolvedValue({ access_token: 'token', token_type: 'bearer', expires_in: 600 })
    vi.mocked(auth.me).mockReset().mockResolvedValue(boris)
    await useSession().login('b@example.org', 'secret')
    expect(localStorage.getItem('mesto.session')).toBe('boris')
    useSession().forget()
    expect(localStorage.getItem('mesto.session')).toBeNull()
  })
})

describe('who was asked for', () => {
  it.each(['login', 'restore'])('is not signed in once the session is over: %s', async (way) => {
    freshStores()
    localStorage.setItem('mesto.session', 'u')
    const { promise, resolve } = Promise.withResolvers<User>()
    vi.mocked(refreshSession).mockReset().mockResolvedValue('token')
    vi.mocked(auth.login).mockResolvedValue({ access_token: 'token', token_type: 'bearer', expires_in: 600 })
    vi.mocked(auth.me).mockReset().mockReturnValue(promise)
    const session = useSession()
    const begun = way === 'login' ? session.login('a@example.org', 'secret') : session.ready()
    await vi.waitFor(() => expect(auth.me).toHaveBeenCalledOnce())
    session.forget()
    resolve(user)
    await begun
    expect([session.user, localStorage.getItem('mesto.session')]).toEqual([null, null])
  })
})

describe('signing out in another tab', () => {
  it('is heard here', () => {
    const signedOut = vi.fn()
    watchOtherTabs(signedOut, vi.fn())
    tell('mesto.session', '1')
    tell('mesto.city', null)
    expect(signedOut).not.toHaveBeenCalled()
    tell('mesto.session', null)
    expect(signedOut).toHaveBeenCalledOnce()
  })
})
