import { defineComponent, h } from 'vue'
import { waitFor } from '@testing-library/vue'
import { useQuery, useQueryCache } from '@pinia/colada'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { booking as api, type Booking, type BookingPage, type BookingStatus } from '@/api'
import { useSession } from '@/features/auth'
import { PERSONAL } from '@/lib/queries'
import { freshStores, show } from '@/testing/render'
import { aBooking, aUser } from '@/testing/samples'
import { bookingQuery, useBookingList, useBookings } from './bookings.queries'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { ...real.booking, list: vi.fn(), one: vi.fn() } }
})

const made = (id: string, status: BookingStatus, start: string, revision = 1): Booking =>
  aBooking({ id, status, start, end: start.replace('T10', 'T12'), revision })

/** A page that asks by queries, and shows what they answer. */
const asking = (setup: () => () => string | number | undefined) => defineComponent({ setup })

describe('bookings', () => {
  beforeEach(() => void freshStores())

  it('ignores late news', () => {
    const bookings = useBookings()
    bookings.upsert(made('a', 'confirmed', '2099-01-01T10:00:00Z', 2))
    bookings.upsert(made('a', 'held', '2099-01-01T10:00:00Z', 1))
    expect(bookings.byId.get('a')?.status).toBe('confirmed')
  })

  it('puts each where the reader looks for it', () => {
    const bookings = useBookings()
    bookings.upsert(made('later', 'confirmed', '2099-02-01T10:00:00Z'))
    bookings.upsert(made('soon', 'held', '2099-01-01T10:00:00Z'))
    bookings.upsert(made('gone', 'cancelled', '2099-01-01T10:00:00Z'))
    bookings.upsert(made('was', 'confirmed', '2020-01-01T10:00:00Z'))
    bookings.upsert(made('done', 'completed', '2021-01-01T10:00:00Z'))
    const ids = (list: Booking[]) => list.map((item) => item.id)
    expect(ids(bookings.upcoming)).toEqual(['soon', 'later'])
    expect(ids(bookings.past)).toEqual(['done', 'was'])
    expect(ids(bookings.cancelled)).toEqual(['gone'])
  })

  it('of renters are known to the owner who looked at one, but are not the owner’s own, as in the list', () => {
    const bookings = useBookings()
    bookings.upsert({ ...made('renters', 'confirmed', '2099-01-01T10:00:00Z'), mine: false })
    expect(bookings.byId.get('renters')).toBeDefined()
    expect([bookings.all, bookings.upcoming]).toEqual([[], []])
  })
})

describe('a page that was left by signing out', () => {
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['the list', () => useBookingList().data],
    ['a booking', () => useQuery(() => bookingQuery({ locale: 'en', id: 'a' })).data],
  ])('takes nothing of the next one with it, when it is swept away: %s', async (_what, ask) => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const one = aBooking({ id: 'a', end: '2099-01-01T12:00:00Z', mine: true })
    vi.mocked(api.list)
      .mockReset()
      .mockResolvedValue({ items: [one], next_cursor: null } as BookingPage)
    vi.mocked(api.one).mockReset().mockResolvedValue(one)
    const Page = asking(() => {
      const data = ask()
      return () => JSON.stringify(data.value)
    })
    const Frame = (props: { open: boolean }) => (props.open ? h(Page) : null)
    Frame.props = ['open']
    const view = await show(Frame, { props: { open: true } })
    useSession().user = aUser()
    const bookings = useBookings()
    await waitFor(() => expect(bookings.all).toHaveLength(1))
    useSession().forget()
    expect(bookings.all).toEqual([])
    await view.rerender({ open: false })
    await vi.advanceTimersByTimeAsync(60_000)
    useSession().user = aUser()
    await view.rerender({ open: true })
    await waitFor(() => expect(bookings.all).toHaveLength(1))
    await vi.advanceTimersByTimeAsync(6 * 60_000)
    expect(bookings.all.map((item) => item.id)).toEqual(['a'])
  })
})

describe('the list on its way', () => {
  const List = asking(() => {
    const { data } = useBookingList()
    return () => data.value?.pages.length
  })

  /** Show the list; it is answered by what comes back. */
  async function asked() {
    const { promise, resolve } = Promise.withResolvers<BookingPage>()
    vi.mocked(api.list).mockReset().mockReturnValue(promise)
    const view = await show(List)
    useSession().user = aUser()
    await waitFor(() => expect(api.list).toHaveBeenCalledOnce())
    return { ...view, answer: (...items: Booking[]) => resolve({ items, next_cursor: null } as BookingPage) }
  }

  it('does not take the place of newer news that came before it, but adds what they do not say', async () => {
    const { answer, findByText } = await asked()
    useBookings().upsert(made('a', 'cancelled', '2099-01-01T10:00:00Z', 2))
    answer({ ...made('a', 'confirmed', '2099-01-01T10:00:00Z', 1), mine: true })
    await findByText('1')
    expect(useBookings().byId.get('a')).toMatchObject({ status: 'cancelled', revision: 2, mine: true })
  })

  it('takes the place of older news', async () => {
    const { answer, findByText } = await asked()
    useBookings().upsert(made('a', 'held', '2099-01-01T10:00:00Z', 1))
    answer(made('a', 'confirmed', '2099-01-01T10:00:00Z', 2))
    await findByText('1')
    expect(useBookings().byId.get('a')?.status).toBe('confirmed')
  })

  it('is not listened to once its reader has signed out, and nothing else of theirs is left', async () => {
    const { answer } = await asked()
    useBookings().upsert(made('b', 'held', '2099-01-01T10:00:00Z'))
    useSession().forget()
    expect(useBookings().all).toEqual([])
    answer(made('a', 'confirmed', '2099-01-01T10:00:00Z'))
    await new Promise(requestAnimationFrame)
    expect(useBookings().all).toEqual([])
    const left = useQueryCache().getEntries({ key: [PERSONAL] })
    expect(left.map((entry) => entry.state.value.data)).not.toContainEqual(expect.anything())
  })
})
