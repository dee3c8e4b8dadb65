import { waitFor } from '@testing-library/vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { auth } from '@/api'
import { setAccessToken } from '@/api/http'
import { useSession } from '@/features/auth'
import { freshStores } from '@/testing/render'
import { aBooking, aUser } from '@/testing/samples'
import { useBookings } from './bookings.queries'
import { useRealtime } from './realtime.store'

const heard = new Map<string, (message: unknown) => void>()
const socket = { on: heard.set.bind(heard), disconnect: vi.fn(), connect: vi.fn(), active: true }
const io = vi.fn(() => socket)
vi.mock('socket.io-client', () => ({ io: () => io() }))
vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, login: vi.fn(), me: vi.fn() } }
})
afterEach(() => {
  setAccessToken(null)
  useRealtime().$dispose()
  vi.clearAllMocks()
})

describe('live news', () => {
  it('are of whoever is signed in: the last one is gone with them, as is what it said', async () => {
    freshStores()
    const realtime = useRealtime()
    setAccessToken('token')
    await waitFor(() => expect(heard.get('booking.updated')).toBeDefined())
    heard.get('booking.updated')?.({ booking: aBooking({ id: 'a', status: 'cancelled' }) })
    expect([realtime.last?.id, useBookings().byId.get('a')?.status]).toEqual(['a', 'cancelled'])
    useSession().forget()
    expect([realtime.last, useBookings().all]).toEqual([null, []])
    expect(socket.disconnect).toHaveBeenCalledOnce()
  })

  it('come by a channel of whoever signs in where another is signed in', async () => {
    freshStores()
    useRealtime()
    useSession().user = aUser()
    setAccessToken('annas')
    await waitFor(() => expect(io).toHaveBeenCalledOnce())
    vi.mocked(auth.login).mockResolvedValue({ access_token: 'boris', token_type: 'bearer', expires_in: 600 })
    vi.mocked(auth.me).mockResolvedValue(aUser({ id: 'boris' }))
    await useSession().login('b@example.org', 'secret')
    expect(socket.disconnect).toHaveBeenCalledOnce()
    await waitFor(() => expect(io).toHaveBeenCalledTimes(2))
  })
})
