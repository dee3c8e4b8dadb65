import { createMemoryHistory } from 'vue-router'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useQueryCache } from '@pinia/colada'
import { auth } from '@/api'
import { getAccessToken, http, refreshSession, setAccessToken } from '@/api/http'
import { useSession } from '@/features/auth'
import { PERSONAL } from '@/lib/queries'
import { freshStores } from '@/testing/render'
import { aToken, aUser } from '@/testing/samples'
import { makeI18n } from './i18n'
import { makeRouter } from './router'
import { useBrokenPage, watchForBrokenPages } from './useBrokenPage'
import { watchSession } from './watchSession'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, me: vi.fn() } }
})

const anna = aUser({ id: 'anna', roles: ['renter', 'owner'] })
const boris = aUser({ id: 'boris' })
const theirs = [PERSONAL, 'bookings', 'list', 'en']

/** Whoever is signed in in another tab by now (nobody: null), whose cookie this browser has. */
const tell = (id: string | null) =>
  window.dispatchEvent(new StorageEvent('storage', { key: 'mesto.session', newValue: id }))

/** Anna's tab, open at a page; the cookie of the browser is Boris's by now. */
async function annasTab(path: string) {
  const router = makeRouter(makeI18n('en'), createMemoryHistory())
  const component = { render: () => null }
  router.addRoute({ path: '/mine', name: 'mine', component, meta: { layout: 'none', role: 'renter', title: '' } })
  router.addRoute({ path: '/owned', name: 'owned', component, meta: { layout: 'none', role: 'owner', title: '' } })
  watchForBrokenPages(router)
  watchSession(router)
  setAccessToken(aToken('anna'))
  useSession().user = anna
  useQueryCache().setQueryData(theirs, 'annas')
  await router.push(`${path}?lang=en`)
  return router
}

describe('when another account signs in in another tab', () => {
  beforeEach(() => {
    freshStores()
    setAccessToken(null)
    localStorage.setItem('mesto.session', 'boris')
    vi.mocked(auth.me).mockReset().mockResolvedValue(boris)
    http.defaults.adapter = async (config) => {
      const data = { access_token: aToken('boris') }
      return { status: 200, data, statusText: '', headers: {}, config }
    }
  })

  afterEach(() => useSession().forget())

  it.each([
    ['the tab tells of it', () => void tell('boris')],
    ['a refresh finds it out', () => refreshSession()],
  ])('this tab is theirs, too, and nothing of the first is left: %s', async (_how, learn) => {
    const router = await annasTab('/mine')
    await learn()
    await vi.waitFor(() => expect(useSession().user).toEqual(boris))
    expect(getAccessToken()).toBe(aToken('boris'))
    expect(useQueryCache().getQueryData(theirs)).toBeUndefined()
    expect(router.currentRoute.value.name).toBe('mine')
  })

  it('a page that they may not see is not theirs', async () => {
    await annasTab('/owned')
    expect(useBrokenPage().value).toBeNull()
    tell('boris')
    await vi.waitFor(() => expect(useBrokenPage().value?.problem.status).toBe(403))
  })

  it('nothing happens where it is the same account', async () => {
    await annasTab('/mine')
    tell('anna')
    expect([useSession().user, useQueryCache().getQueryData(theirs)]).toEqual([anna, 'annas'])
  })

  it('and out in another tab, this one is signed out and leads to sign in', async () => {
    const router = await annasTab('/mine')
    tell(null)
    await vi.waitFor(() => expect(router.currentRoute.value.name).toBe('login'))
    expect([useSession().user, router.currentRoute.value.query.next]).toEqual([null, '/mine?lang=en'])
  })
})
