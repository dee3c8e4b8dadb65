import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aToken } from '@/testing/samples'
import type * as Http from './http'

/** Words between tabs as browsers carry them: to all others, and later than a lock is given on. */
class TestChannel extends EventTarget {
  static readonly open = new Set<TestChannel>()
  constructor(readonly name: string) {
    super()
    TestChannel.open.add(this)
  }
  postMessage(data: unknown): void {
    const others = [...TestChannel.open].filter((other) => other !== this && other.name === this.name)
    setTimeout(() => others.forEach((other) => other.dispatchEvent(new MessageEvent('message', { data }))), 5)
  }
}

/** Locks as browsers have them where the page is secure: one holder a name, the others in a row. */
function fakeLocks() {
  let last: Promise<unknown> | null = null
  return {
    request(_name: string, { ifAvailable }: { ifAvailable?: boolean }, run: (lock: object | null) => Promise<unknown>) {
      if (ifAvailable && last) return run(null)
      const mine: Promise<unknown> = (last ?? Promise.resolve()).then(() => run({}))
      const held = mine
        .catch(() => undefined)
        .then(() => {
          if (last === held) last = null
        })
      last = held
      return mine
    },
  }
}
function setLocks(value: object | undefined): void {
  if (value) Object.defineProperty(navigator, 'locks', { configurable: true, value })
  else Reflect.deleteProperty(navigator, 'locks')
}

/** What the service has seen, whichever tab asked. */
let refreshes = 0
let good = ''
/** The session's token of now, which is another each time. */
const next = () => (good = `${aToken('anna')}${++refreshes}`)
let answer: (config: InternalAxiosRequestConfig) => Promise<{ status: number; data?: unknown }>

async function service(config: InternalAxiosRequestConfig) {
  if (config.url === '/api/auth/refresh') return { status: 200, data: { access_token: next() } }
  return { status: config.headers.get('Authorization') === `Bearer ${good}` ? 200 : 401, data: 'fine' }
}

/** A tab of the browser: the module as it is loaded anew. */
async function tab(token: string | null): Promise<typeof Http> {
  vi.resetModules()
  const tab = await import('./http')
  tab.http.defaults.adapter = async (config) => {
    const { status, data } = await answer(config)
    const response = { status, data, statusText: '', headers: new AxiosHeaders(), config }
    if (status < 400) return response
    throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, null, response)
  }
  tab.setAccessToken(token)
  return tab
}

beforeEach(() => {
  vi.stubGlobal('BroadcastChannel', TestChannel)
  refreshes = 0
  good = ''
  answer = service
})
afterEach(() => {
  TestChannel.open.clear()
  setLocks(undefined)
  localStorage.clear()
  vi.useRealTimers()
})

describe.each([
  ['by locks', true],
  ['without locks, as over plain HTTP', false],
])('the tabs of a browser, %s', (_how, locks) => {
  beforeEach(() => setLocks(locks ? fakeLocks() : undefined))

  it('renew the session once for all of them', async () => {
    const tabs = [await tab(aToken('anna')), await tab(aToken('anna')), await tab(aToken('anna'))]
    const answers = await Promise.all(tabs.flatMap(({ http }) => [http.get('/api/x'), http.get('/api/y')]))
    expect(answers.map(({ data }) => data)).toEqual(Array(6).fill('fine'))
    expect(refreshes).toBe(1)
    expect(tabs.map(({ getAccessToken }) => getAccessToken())).toEqual(Array(3).fill(good))
  })

  it('give a token to one that is just opened and waits for its turn', async () => {
    const [first, opened] = [await tab(aToken('anna')), await tab(null)]
    const tokens = await Promise.all([first.refreshSession(), opened.refreshSession()])
    expect([tokens, refreshes]).toEqual([[good, good], 1])
  })

  it('give nothing to who is signed in as somebody else', async () => {
    const [anna, boris] = [await tab(aToken('anna')), await tab(aToken('boris'))]
    await anna.refreshSession()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect([anna.getAccessToken(), boris.getAccessToken()]).toEqual([good, aToken('boris')])
  })

  it('leave no mark behind when the service is away', async () => {
    answer = async () => ({ status: 503 })
    const asked = await tab(aToken('anna'))
    await expect(asked.refreshSession()).rejects.toMatchObject({ status: 503 })
    expect(localStorage.length).toBe(0)
  })
})

describe('a tab that waits in vain for another one', () => {
  it('goes on without a lock', async () => {
    setLocks({ request: () => Promise.reject(new DOMException('', 'TimeoutError')) })
    const { refreshSession } = await tab(aToken('anna'))
    expect([await refreshSession(), refreshes]).toEqual([good, 1])
  })

  it('goes on without a mark, before the service takes its cookie for stolen', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] })
    localStorage.setItem('mesto.refresh', JSON.stringify({ owner: 'frozen', until: Date.now() + 1e9 }))
    const { refreshSession } = await tab(aToken('anna'))
    const renewed = refreshSession()
    await vi.advanceTimersByTimeAsync(7000)
    expect(refreshes).toBe(0)
    await vi.advanceTimersByTimeAsync(2000)
    expect([await renewed, refreshes]).toEqual([good, 1])
  })
})

describe('an answer that was lost', () => {
  it('is asked for once more, at once', async () => {
    const { refreshSession, http } = await tab(aToken('anna'))
    const adapter = vi.fn(http.defaults.adapter as (config: InternalAxiosRequestConfig) => Promise<never>)
    adapter.mockRejectedValueOnce(new AxiosError('lost', 'ERR_NETWORK'))
    http.defaults.adapter = adapter
    expect([await refreshSession(), refreshes]).toEqual([good, 1])
    adapter.mockRejectedValue(new AxiosError('lost', 'ERR_NETWORK'))
    await expect(refreshSession()).rejects.toMatchObject({ status: 0 })
    expect(adapter).toHaveBeenCalledTimes(4)
  })
})
