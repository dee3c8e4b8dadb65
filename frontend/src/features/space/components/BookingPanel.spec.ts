import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { Settings } from 'luxon'
import { booking, type BookingView, type Slot } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { useBookings } from '@/features/booking'
import { show } from '@/testing/render'
import { aBooking, aResource, aSlot, aSpace, aUser, anAvailability } from '@/testing/samples'
import BookingPanel from './BookingPanel.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { ...real.booking, availability: vi.fn(), hold: vi.fn() } }
})

const space = aSpace({ resources: [aResource()] })
function day(taken: number[] = []): Slot[] {
  return [10, 11, 12, 13, 14, 15].map((hour) =>
    aSlot({
      start: `2026-11-24T${hour}:00:00+03:00`,
      end: `2026-11-24T${hour + 1}:00:00+03:00`,
      seats_free: taken.includes(hour) ? 0 : 3,
      bookable: !taken.includes(hour),
    }),
  )
}
const answer = (slots: Slot[]) => vi.mocked(booking.availability).mockResolvedValue(anAvailability(slots))

async function panel(at = '/spaces/loft?date=2026-11-24', prices = space.resources[0]!.prices) {
  const user = userEvent.setup()
  const view = await show(BookingPanel, {
    at,
    props: { space: { ...space, resources: [{ ...space.resources[0]!, prices }] } },
  })
  useSession().user = aUser()
  await view.findByTestId('slot-1400')
  return { ...view, user }
}

describe('BookingPanel', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-23T10:00:00Z'), toFake: ['Date'] })
    vi.mocked(booking.hold).mockReset()
    answer(day())
  })
  afterEach(() => {
    Settings.defaultZone = 'system'
    vi.useRealTimers()
  })

  it('leaves nothing of a hold that is answered after its reader has signed out, nor leads to it', async () => {
    const { promise, resolve } = Promise.withResolvers<BookingView>()
    vi.mocked(booking.hold).mockReturnValue(promise)
    const { user, getByTestId, router } = await panel()
    await user.click(getByTestId('slot-1400'))
    await user.click(getByTestId('book-button'))
    await waitFor(() => expect(booking.hold).toHaveBeenCalledOnce())
    useSession().forget()
    resolve(aBooking({ id: 'late', mine: true }))
    await new Promise(requestAnimationFrame)
    expect(useBookings().all).toEqual([])
    expect(router.currentRoute.value.name).toBe('space')
  })

  it('asks for the venue’s day and the night after it', async () => {
    await panel()
    expect(booking.availability).toHaveBeenLastCalledWith(
      'r1',
      '2026-11-24T00:00:00+03:00',
      '2026-11-26T00:00:00+03:00',
      1,
      expect.anything(),
    )
  })

  it.each(['Pacific/Kiritimati', 'Pacific/Honolulu', 'Pacific/Niue'])(
    'is headed by the day that it shows, for a reader in %s',
    async (mine) => {
      Settings.defaultZone = mine
      const { getByText } = await panel()
      getByText('Tuesday, November 24')
    },
  )

  it('lets nobody take a time of the day before while the next day’s are on their way', async () => {
    const { user, getByTestId, getByLabelText, container } = await panel()
    await user.click(getByTestId('slot-1300'))
    let resolve: (slots: Slot[]) => void = () => undefined
    vi.mocked(booking.availability).mockReturnValue(new Promise((done) => (resolve = (s) => done(anAvailability(s)))))
    await user.click(getByLabelText('One seat more'))
    expect(getByTestId('book-button')).toHaveProperty('disabled', true) // so many seats are not asked about yet
    await user.click(getByLabelText('Next day'))
    expect(getByTestId('slot-1300').closest('[inert]')).not.toBeNull()
    expect(container.querySelector('[data-testid="whole-day"]')).toBeNull()
    const next = (time: string) => time.replace('24T', '25T')
    resolve(day().map((slot) => ({ ...slot, date: '2026-11-25', start: next(slot.start), end: next(slot.end) })))
    await waitFor(() => expect(getByTestId('slot-1300').closest('[inert]')).toBeNull())
    await user.click(getByTestId('slot-1300'))
    expect(getByTestId('book-button')).toHaveProperty('disabled', false)
  })

  it('has no price for what is let by the month only', async () => {
    const { user, getByTestId, queryByTestId, getByText } = await panel(undefined, [
      { per: 'month', amount: '9000.00', currency: 'RUB' },
    ])
    await user.click(getByTestId('slot-1300'))
    expect(queryByTestId('total')).toBeNull()
    getByText('There is no price by the hour or by the day.')
  })

  it('shows the total of the chosen stay and books it', async () => {
    vi.mocked(booking.hold).mockResolvedValue(aBooking({ id: 'b1', status: 'held', resource_id: 'r1' }))
    const { user, getByTestId, router } = await panel()
    const pushed = vi.spyOn(router, 'push').mockResolvedValue(undefined)
    await user.click(getByTestId('slot-1300'))
    await user.click(getByTestId('slot-1400'))
    expect(getByTestId('total').textContent).toBe('500\u00a0₽')
    await user.click(getByTestId('book-button'))
    expect(booking.hold).toHaveBeenCalledWith(
      { resource_id: 'r1', start: '2026-11-24T13:00:00+03:00', end: '2026-11-24T15:00:00+03:00', seats: 1 },
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    )
    expect(pushed).toHaveBeenCalledWith({ name: 'booking', params: { id: 'b1' } })
  })

  it('says that what is free costs nothing', async () => {
    const { user, getByTestId, findByText } = await panel(undefined, [{ per: 'hour', amount: '0.00', currency: 'RUB' }])
    await user.click(getByTestId('slot-1400'))
    expect(getByTestId('total').textContent).toBe('Free')
    await findByText('Nothing is to be paid.')
  })

  it('says which slot was just taken and which is free', async () => {
    vi.mocked(booking.hold).mockRejectedValue(new ProblemError(409, 'no-capacity', 'Full'))
    const { user, getByTestId, findByText } = await panel()
    await user.click(getByTestId('slot-1400'))
    answer(day([14]))
    await user.click(getByTestId('book-button'))
    await findByText('The 14:00 slot was just taken. 15:00 is free.')
    expect(getByTestId('slot-1400')).toHaveProperty('disabled', true)
  })

  it('repeats a lost request with its key, and takes a new key after a definite answer', async () => {
    vi.mocked(booking.hold)
      .mockRejectedValueOnce(new ProblemError(0, 'offline', ''))
      .mockRejectedValue(new ProblemError(409, 'no-capacity', ''))
    const { user, getByTestId } = await panel()
    await user.click(getByTestId('slot-1400'))
    for (let i = 0; i < 2; i++) await user.click(getByTestId('book-button'))
    await user.click(getByTestId('slot-1400'))
    await user.click(getByTestId('book-button'))
    const keys = vi.mocked(booking.hold).mock.calls.map(([, key]) => key)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[1])
  })

  it('refuses days that are over or too far, and asks nothing for them', async () => {
    const { user, getByLabelText, findByText } = await panel()
    vi.mocked(booking.availability).mockClear()
    const date = getByLabelText('Date')
    await user.clear(date)
    await user.type(date, '2026-11-22')
    await findByText('This day is over. Choose today or later.')
    await user.clear(date)
    await user.type(date, '2026-12-24')
    await findByText('Bookings open 30 days ahead.')
    expect(booking.availability).not.toHaveBeenCalled()
  })

  it('shows what is too soon or taken, but nothing of what has begun, whatever clock the reader has', async () => {
    const [ten, eleven, twelve] = day().map((slot) => ({ ...slot, bookable: false }))
    answer([
      { ...ten!, reason: 'past' },
      { ...eleven!, reason: 'notice' },
      { ...twelve!, reason: 'full' },
      ...day().slice(3),
    ])
    const { queryByTestId, getByTestId } = await panel()
    expect(queryByTestId('slot-1000')).toBeNull()
    expect([11, 12, 13].map((hour) => getByTestId(`slot-${hour}00`).dataset.state)).toEqual(['soon', 'taken', 'free'])
  })

  it.each([
    [
      day().map((slot) => ({ ...slot, bookable: false, reason: 'past' as const })),
      'The bookable hours of this day are over',
    ],
    [[], 'Closed on this day'],
  ])('tells a day that is over from one that is closed: %#', async (slots, sentence) => {
    answer(slots)
    const { findByText } = await show(BookingPanel, { at: '/spaces/loft?date=2026-11-24', props: { space } })
    await findByText(new RegExp(sentence))
  })

  it('offers no more seats than there are', async () => {
    const { user, getByLabelText, getByTestId } = await panel()
    for (let i = 0; i < 2; i++) await user.click(getByLabelText('One seat more'))
    expect(getByTestId('seats').textContent).toContain('3')
    expect(getByLabelText('One seat more')).toHaveProperty('disabled', true)
  })

  it('takes the choice from the address, unless it is taken by now', async () => {
    const chosen = '&start=2026-11-24T12:00:00%2B03:00&end=2026-11-24T13:00:00%2B03:00'
    const first = await panel(`/spaces/loft?date=2026-11-24${chosen}`)
    await waitFor(() => expect(first.getByTestId('slot-1200').getAttribute('aria-pressed')).toBe('true'))
    first.unmount()
    answer(day([12]))
    const second = await panel(`/spaces/loft?date=2026-11-24${chosen}`)
    expect(second.getByTestId('book-button')).toHaveProperty('disabled', true)
  })

  it('takes no more seats than the resource has', async () => {
    const { user, getByTestId } = await panel('/spaces/loft?date=2026-11-24&seats=9')
    expect(getByTestId('seats').textContent).toContain('3')
    await user.click(getByTestId('slot-1300'))
    expect(getByTestId('reckoning').textContent).toMatch(/250\u00a0₽ × .* × 3 /)
  })

  it('speaks of a cheaper day price only beside an hourly one', async () => {
    const { user, getByTestId, queryByText } = await panel(undefined, [
      { per: 'day', amount: '900.00', currency: 'RUB' },
    ])
    await user.click(getByTestId('slot-1300'))
    expect(getByTestId('reckoning').textContent).toContain('900')
    expect(queryByText(/дешевле|cheaper/)).toBeNull()
  })

  it('sends a request, with the terms as dates, where the owner approves', async () => {
    const user = userEvent.setup()
    const terms = {
      approval: 'owner' as const,
      hold_minutes: 15,
      cancellation: [{ before_minutes: 120, refund_percent: 50 }],
    }
    const view = await show(BookingPanel, {
      at: '/spaces/loft?date=2026-11-24&lang=en',
      props: { space: { ...space, booking: terms } },
    })
    await user.click(await view.findByTestId('slot-1400'))
    expect(view.getByTestId('book-button').textContent).toMatch(/Send request|Отправить запрос/)
    expect(view.getByTestId('cancellation-terms').textContent).toContain('12:00')
    expect(view.getByTestId('cancellation-terms').textContent).toContain(
      'Until the owner answers, everything comes back.',
    )
    expect(view.getByTestId('approval-terms').textContent).toMatch(
      /within 24 hours of the payment, at the latest by the start/,
    )
  })

  it('keeps the chosen time when the seats change, while so many are free in it', async () => {
    const { user, getByTestId, getByLabelText, findByText, queryByTestId } = await panel()
    await user.click(getByTestId('slot-1300'))
    await user.click(getByTestId('slot-1400'))
    await user.click(getByLabelText('One seat more'))
    await waitFor(() =>
      expect(booking.availability).toHaveBeenLastCalledWith(
        'r1',
        expect.anything(),
        expect.anything(),
        2,
        expect.anything(),
      ),
    )
    expect(getByTestId('total').textContent).toBe('1,000\u00a0₽')
    answer(day().map((slot, at) => (at === 4 ? { ...slot, seats_free: 2, bookable: false, reason: 'full' } : slot)))
    await user.click(getByLabelText('One seat more'))
    await findByText('14:00 is not free for 3 seats. Choose another time or fewer seats.')
    expect(queryByTestId('total')).toBeNull()
  })

  it('says how long a stay may be, before and when it would be longer', async () => {
    const view = await show(BookingPanel, {
      at: '/spaces/loft?date=2026-11-24',
      props: {
        space: {
          ...space,
          resources: [{ ...space.resources[0]!, min_duration_minutes: 120, max_duration_minutes: 180 }],
        },
      },
    })
    const user = userEvent.setup()
    await user.click(await view.findByTestId('slot-1000'))
    expect(view.getByTestId('booking-panel').textContent).toContain('At least 2 hours. At most 3 hours.')
    await user.click(view.getByTestId('slot-1500'))
    expect(view.getByTestId('panel-note').textContent).toBe('At most 3 hours.')
    expect(view.getByTestId('slot-1000').getAttribute('aria-pressed')).toBe('true')
  })

  it.each([
    ['2026-11-01', 'Mon, November 23', 'Sunday, November 1'],
    ['2027-03-01', 'Wed, December 23', 'Monday, March 1, 2027'],
  ])('says when it can be booked where the address asks for %s', async (date, nearest, heading) => {
    const { findByTestId, getByRole, getByLabelText, getByText } = await show(BookingPanel, {
      at: `/spaces/loft?date=${date}`,
      props: { space },
    })
    expect((await findByTestId('out-of-range')).textContent).toContain('from Mon, November 23 until Wed, December 23.')
    getByText(heading)
    await userEvent.setup().click(getByRole('button', { name: nearest }))
    expect(getByLabelText('Date')).toHaveProperty('value', nearest.startsWith('Mon') ? '2026-11-23' : '2026-12-23')
  })

  it('speaks of people, not of a seat, where a room is booked as a whole', async () => {
    const room = { ...space.resources[0]!, kind: 'meeting_room' as const, seats: 1, capacity: 8 }
    const view = await show(BookingPanel, {
      at: '/spaces/loft?date=2026-11-24',
      props: { space: { ...space, resources: [room] } },
    })
    await userEvent.setup().click(await view.findByTestId('slot-1400'))
    expect(view.getByTestId('size').textContent).toBe('up to 8 people')
    expect(view.queryByTestId('seats')).toBeNull()
    expect(view.getByTestId('reckoning').textContent).not.toContain('seat')
  })

  it('does not send to sign in whoever may be signed in, while that cannot be asked', async () => {
    const { user, getByTestId, router, findByText } = await panel()
    useSession().user = null
    useSession().away = new ProblemError(503, 'temporarily-unavailable', '')
    const pushed = vi.spyOn(router, 'push')
    await user.click(getByTestId('slot-1400'))
    await user.click(getByTestId('book-button'))
    await findByText('Mesto is catching its breath. Try again in a moment.')
    expect(pushed).not.toHaveBeenCalled()
  })
})
