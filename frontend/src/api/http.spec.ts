import { AxiosError, AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { booking, catalog } from '.'
import { configureApi, getAccessToken, http, refreshSession, renewAccessToken, setAccessToken } from './http'
import { ProblemError, toProblem } from './problem'
import { aToken } from '@/testing/samples'

type Answer = { status: number; data?: unknown; headers?: Record<string, string> }
let calls: InternalAxiosRequestConfig[] = []
let answer: (config: InternalAxiosRequestConfig) => Answer | Promise<Answer>

const adapter: AxiosAdapter = async (config) => {
  calls.push(config)
  const { status, data = {}, headers = {} } = await answer(config)
  const response = { status, data, statusText: '', headers: new AxiosHeaders(headers), config }
  if (status < 400) return response
  throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, null, response)
}
const count = (url: string) => calls.filter((call) => call.url === url).length

beforeEach(() => {
  calls = []
  http.defaults.adapter = adapter
  setAccessToken('old')
})
afterEach(() => setAccessToken(null))

function expiredUntilRefreshed(config: InternalAxiosRequestConfig): Answer {
  if (config.url === '/api/auth/refresh')
    return { status: 200, data: { access_token: 'new', token_type: 'bearer', expires_in: 600 } }
  return config.headers.get('Authorization') === 'Bearer new' ? { status: 200, data: 'fine' } : { status: 401 }
}

describe('the request id', () => {
  it('is new for each call, and the same when a call is repeated', async () => {
    answer = expiredUntilRefreshed
    await Promise.all([http.get('/api/x/1'), http.get('/api/x/2')])
    const ids = (url: string) =>
      calls.filter((call) => call.url === url).map((call) => call.headers.get('X-Request-Id'))
    expect(ids('/api/x/1')).toHaveLength(2)
    expect(new Set(ids('/api/x/1')).size).toBe(1)
    expect(String(ids('/api/x/1')[0])).toMatch(/^[0-9a-f]{32}$/)
    expect(ids('/api/x/2')[0]).not.toBe(ids('/api/x/1')[0])
  })
})

describe('silent refresh', () => {
  it('exchanges the cookie once for many refused calls, and repeats each', async () => {
    answer = expiredUntilRefreshed
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => http.get(`/api/x/${n}`)))
    expect(answers.map((item) => item.data)).toEqual(['fine', 'fine', 'fine', 'fine', 'fine'])
    expect(count('/api/auth/refresh')).toBe(1)
    expect(getAccessToken()).toBe('new')
  })

  it('ends the session when the cookie is refused, without looping', async () => {
    const onSignedOut = vi.fn()
    configureApi({ onSignedOut })
    answer = () => ({ status: 401 })
    await expect(http.get('/api/x')).rejects.toBeInstanceOf(ProblemError)
    expect(count('/api/auth/refresh')).toBe(1)
    expect(count('/api/x')).toBe(1)
    expect(onSignedOut).toHaveBeenCalledOnce()
    expect(getAccessToken()).toBeNull()
  })

  it('tries again only once when the new token is refused too', async () => {
    answer = (config) =>
      config.url === '/api/auth/refresh' ? { status: 200, data: { access_token: 'new' } } : { status: 401 }
    await expect(http.get('/api/x')).rejects.toMatchObject({ status: 401 })
    expect(count('/api/x')).toBe(2)
  })

  it('keeps the session when auth is only unreachable', async () => {
    answer = (config) => ({ status: config.url === '/api/auth/refresh' ? 503 : 401 })
    await expect(refreshSession()).rejects.toMatchObject({ status: 503 })
    expect(getAccessToken()).toBe('old')
  })

  describe('that is answered late', () => {
    /** A refresh whose answer comes when it is told to. */
    function onItsWay() {
      const { promise, resolve } = Promise.withResolvers<Answer>()
      answer = (config) => (config.url === '/api/auth/refresh' ? promise : { status: 401 })
      return () => resolve({ status: 200, data: { access_token: 'late' } })
    }

    it.each([null, 'of another'])('does not take the place of the session that came after it: %s', async (token) => {
      const come = onItsWay()
      const refreshed = refreshSession()
      setAccessToken(token)
      come()
      expect([await refreshed, getAccessToken()]).toEqual([token, token])
    })

    it('does not repeat what was asked for, nor end the session of another', async () => {
      const onSignedOut = vi.fn()
      configureApi({ onSignedOut })
      const come = onItsWay()
      const refused = http.post('/api/x').catch(toProblem)
      await vi.waitFor(() => expect(count('/api/auth/refresh')).toBe(1))
      setAccessToken('of another')
      come()
      expect(await refused).toMatchObject({ status: 401 })
      expect([count('/api/x'), onSignedOut.mock.calls.length, getAccessToken()]).toEqual([1, 0, 'of another'])
    })
  })

  it.each([
    ['the same account', 'anna', 'anna', 0],
    ['another account', 'anna', 'boris', 1],
  ])('tells when the cookie is of %s', async (_what, before, after, times) => {
    const onOtherAccount = vi.fn()
    configureApi({ onOtherAccount })
    setAccessToken(aToken(before))
    answer = (config) =>
      config.url === '/api/auth/refresh' ? { status: 200, data: { access_token: aToken(after) } } : { status: 401 }
    await expect(http.post('/api/x')).rejects.toMatchObject({ status: 401 })
    expect(onOtherAccount).toHaveBeenCalledTimes(times)
    expect([count('/api/x'), getAccessToken()]).toEqual(times ? [1, null] : [2, aToken(after)])
  })

  it('says why the session is over', async () => {
    const onSignedOut = vi.fn()
    configureApi({ onSignedOut })
    answer = (config) =>
      config.url === '/api/auth/refresh' ? { status: 401, data: { type: 'x/session-ended' } } : { status: 401 }
    await expect(http.get('/api/x')).rejects.toMatchObject({ status: 401 })
    expect(onSignedOut).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ slug: 'session-ended' }))
  })

  it('takes a wrong password for what it is, also from who is signed in', async () => {
    answer = () => ({ status: 401, data: { type: 'x/wrong-credentials' } })
    await expect(http.post('/api/auth/step-up')).rejects.toMatchObject({ slug: 'wrong-credentials' })
    expect(calls).toHaveLength(1)
  })

  it('does not refresh for a stranger: a wrong password is just refused', async () => {
    setAccessToken(null)
    answer = () => ({ status: 401 })
    await expect(http.post('/api/auth/login')).rejects.toMatchObject({ status: 401 })
    expect(count('/api/auth/refresh')).toBe(0)
  })
})

describe('what wants a fresh proof of who asks', () => {
  const wanted: Answer = { status: 403, data: { type: 'x/step-up-needed' } }

  it('is repeated once it is given, by the token that came with it', async () => {
    configureApi({ onStepUp: async () => (renewAccessToken('proven'), true) })
    answer = (config) =>
      config.headers.get('Authorization') === 'Bearer proven' ? { status: 200, data: 'done' } : wanted
    expect((await http.delete('/api/x')).data).toBe('done')
    expect(calls).toHaveLength(2)
  })

  it('is refused where none is given, and asked for once only', async () => {
    const onStepUp = vi.fn(async () => false)
    configureApi({ onStepUp })
    answer = () => wanted
    await expect(http.delete('/api/x')).rejects.toMatchObject({ slug: 'step-up-needed' })
    onStepUp.mockResolvedValue(true)
    await expect(http.delete('/api/x')).rejects.toMatchObject({ slug: 'step-up-needed' })
    expect([onStepUp.mock.calls.length, calls.length]).toEqual([2, 3])
  })
})

describe('requests', () => {
  it('ask in the reader’s language and write lists with commas', async () => {
    configureApi({ locale: () => 'en' })
    answer = () => ({ status: 200, data: { items: [], next_cursor: null, total: 0, facets: {} } })
    await catalog.spaces({ city: 'moscow', amenities: ['wifi', 'coffee'], district: undefined, sort: '-price' })
    expect(calls[0]?.headers.get('Accept-Language')).toBe('en')
    const url = new URL(calls[0]?.url ?? '', 'http://x')
    expect(Object.fromEntries(url.searchParams)).toEqual({ city: 'moscow', amenities: 'wifi,coffee', sort: '-price' })
  })

  it('of the generated client carry the token, the key and the body, and fail as problems', async () => {
    answer = () => ({ status: 409, data: { type: 'https://mesto.dev/problems/no-capacity' } })
    const body = { resource_id: 'r', start: 'a', end: 'b', seats: 2 }
    await expect(booking.hold(body, 'key-1')).rejects.toMatchObject({ slug: 'no-capacity', status: 409 })
    expect(calls[0]).toMatchObject({ url: '/api/booking/bookings', method: 'post' })
    expect(calls[0]?.headers.get('Idempotency-Key')).toBe('key-1')
    expect(calls[0]?.headers.get('Authorization')).toBe('Bearer old')
    expect(JSON.parse(String(calls[0]?.data))).toEqual(body)
  })

  it('of the generated client are repeated whole after a refresh', async () => {
    answer = expiredUntilRefreshed
    await booking.hold({ resource_id: 'r', start: 'a', end: 'b', seats: 2 }, 'key-2')
    const [, , again] = calls
    expect(again?.headers.get('Idempotency-Key')).toBe('key-2')
    expect(again?.headers.get('Content-Type')).toContain('application/json')
    expect(JSON.parse(String(again?.data))).toMatchObject({ seats: 2 })
  })
})

describe('a service that is away for a moment', () => {
  it('is read again, twice at most', async () => {
    let times = 0
    answer = () => ({ status: ++times < 3 ? 503 : 200, data: 'back' })
    expect((await http.get('/api/x')).data).toBe('back')
    answer = () => ({ status: 503 })
    calls = []
    await expect(http.get('/api/x')).rejects.toMatchObject({ status: 503, transient: true })
    expect(calls).toHaveLength(3)
  })

  it('is not read again for whoever has left meanwhile, and they hear only their own reason', async () => {
    const leaving = new AbortController()
    answer = () => ({ status: 503 })
    const asked = http.get('/api/x', { signal: leaving.signal }).catch((error: unknown) => error)
    await vi.waitFor(() => expect(calls).toHaveLength(1))
    await new Promise((resolve) => setTimeout(resolve))
    const since = performance.now()
    leaving.abort()
    expect(await asked).toBe(leaving.signal.reason)
    expect(performance.now() - since).toBeLessThan(300)
    expect(calls).toHaveLength(1)
  })

  it('is never written to again: the reader decides', async () => {
    answer = () => ({ status: 503 })
    await expect(http.post('/api/x')).rejects.toMatchObject({ status: 503 })
    expect(calls).toHaveLength(1)
  })
})

describe('problems', () => {
  it('carry the stable type, the fields and the request id', async () => {
    answer = () => ({
      status: 409,
      headers: { 'x-request-id': 'req-1' },
      data: {
        type: 'https://mesto.dev/problems/no-capacity',
        title: 'Conflict',
        status: 409,
        detail: 'Full.',
        errors: [{ field: 'body.start', message: 'Taken' }],
      },
    })
    const problem = await http.get('/api/x').catch(toProblem)
    expect(problem).toMatchObject({
      status: 409,
      slug: 'no-capacity',
      detail: 'Full.',
      requestId: 'req-1',
      transient: false,
    })
    expect((problem as ProblemError).forField('start')).toBe('Taken')
  })

  it('are made of anything else too', () => {
    expect(toProblem(new AxiosError('x', 'ERR_NETWORK'))).toMatchObject({ status: 0, slug: 'offline', transient: true })
    expect(toProblem(new TypeError('boom'))).toMatchObject({ status: 0, slug: 'unexpected' })
  })

  it('survive a page of HTML from a gateway', async () => {
    answer = () => ({ status: 502, data: '<html>Bad gateway</html>' })
    expect(await http.get('/api/x').catch(toProblem)).toMatchObject({
      status: 502,
      slug: 'http-502',
      detail: '',
      transient: true,
    })
  })
})
