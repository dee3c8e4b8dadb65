import { waitFor } from '@testing-library/vue'
import { describe, expect, it, vi } from 'vitest'
import { setAccessToken } from '@/api/http'
import { useSession } from '@/features/auth'
import { freshStores } from '@/testing/render'
import { aBooking } from '@/testing/samples'
import { useBookings } from './bookings.queries'
import { useRealtime } from './realtime.store'

const heard = new Map<string, (message: unknown) => void>()
const socket = { on: heard.set.bind(heard), disconnect: vi.fn(), connect: vi.fn(), active: true }
vi.mock('socket.io-client', () => ({ io: () => socket }))

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
})
