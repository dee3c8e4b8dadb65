import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useBrokenPage, watchForBrokenPages } from './useBrokenPage'

const MISSING = new TypeError('Failed to fetch dynamically imported module: /assets/SpacePage-1.js')

function setUp(error: Error) {
  const page = { template: '<p />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      { path: '/space', component: () => Promise.reject(error) },
    ],
  })
  const reload = vi.fn()
  watchForBrokenPages(router, reload)
  return { router, reload, broken: useBrokenPage() }
}

describe('a page whose parts do not come', () => {
  beforeEach(() => {
    sessionStorage.clear()
    useBrokenPage().value = null
  })

  it('is loaded anew once, as after a release', async () => {
    const { router, reload, broken } = setUp(MISSING)
    await router.push('/')
    await expect(router.push('/space?lang=en')).rejects.toThrow()
    expect(reload).toHaveBeenCalledExactlyOnceWith('/space?lang=en')
    await expect(router.push('/space?lang=en')).rejects.toThrow()
    expect(reload).toHaveBeenCalledOnce()
    expect(broken.value?.address).toBe('/space?lang=en')
    await router.push('/?again')
    expect(broken.value).toBeNull()
  })

  it('says so without a connection', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    const { router, reload, broken } = setUp(MISSING)
    await router.push('/')
    await expect(router.push('/space')).rejects.toThrow()
    expect(reload).not.toHaveBeenCalled()
    expect(broken.value?.address).toBe('/space')
    vi.restoreAllMocks()
  })

  it('says so when the fault is its own', async () => {
    const { router, reload, broken } = setUp(new Error('a bug'))
    await router.push('/')
    await expect(router.push('/space')).rejects.toThrow()
    expect(reload).not.toHaveBeenCalled()
    expect(broken.value).not.toBeNull()
  })
})
