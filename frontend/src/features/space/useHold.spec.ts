import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { booking, type Slot } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aBooking, aResource, aSlot, aSpace, aUser, anAvailability } from '@/testing/samples'
import BookingPanel from './components/BookingPanel.vue'

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

async function panel(at = '/spaces/loft?date=2026-11-24') {
  const user = userEvent.setup()
  const view = await show(BookingPanel, { at, props: { space } })
  useSession().user = aUser()
  await view.findByTestId('slot-1400')
  return { ...view, user }
}

describe('useHold', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-11-23T10:00:00Z'), toFake: ['Date'] })
    vi.mocked(booking.hold).mockReset()
    answer(day())
  })
  afterEach(() => void vi.useRealTimers())

  describe('for who is not signed in', () => {
    /** The panel of a stranger who has chosen two till three and pressed the button. */
    async function pressed() {
      const view = await panel()
      useSession().user = null
      await view.user.click(view.getByTestId('slot-1400'))
      await view.user.click(view.getByTestId('book-button'))
      await waitFor(() => expect(view.router.currentRoute.value.name).toBe('login'))
      const next = String(view.router.currentRoute.value.query.next)
      view.unmount()
      return next
    }
    /** The page that they come to afterwards. */
    async function back(at: string, signedIn = true) {
      const view = await show(BookingPanel, { at, props: { space } })
      useSession().user = signedIn ? aUser() : null
      await view.findByTestId('slot-1400')
      await new Promise((resolve) => setTimeout(resolve, 20))
      return view
    }
    beforeEach(() => sessionStorage.clear())

    it('holds the same choice at once when they have signed in, and once only', async () => {
      vi.mocked(booking.hold).mockResolvedValue(aBooking({ id: 'b1', status: 'held', resource_id: 'r1' }))
      const next = await pressed()
      const { router, unmount } = await back(next)
      await waitFor(() => expect(router.currentRoute.value.params.id).toBe('b1'))
      unmount()
      expect(booking.hold).toHaveBeenCalledExactlyOnceWith(
        { resource_id: 'r1', start: '2026-11-24T14:00:00+03:00', end: '2026-11-24T15:00:00+03:00', seats: 1 },
        expect.any(String),
      )
      await back(next)
      expect(booking.hold).toHaveBeenCalledOnce()
    })

    it('holds nothing that was not asked for: another choice, a link of somebody else, a stranger', async () => {
      const next = await pressed()
      for (const at of [next.replace('seats=1', 'seats=2'), next]) (await back(at)).unmount()
      await pressed()
      await back(next, false)
      expect(booking.hold).not.toHaveBeenCalled()
    })

    it('says what was taken meanwhile, and holds nothing else instead', async () => {
      const next = await pressed()
      answer(day([14]))
      const { findByTestId } = await back(next)
      await findByTestId('panel-note')
      expect(booking.hold).not.toHaveBeenCalled()
    })
  })

  it('waits where the address has to be verified first, and goes on by itself', async () => {
    vi.mocked(booking.hold)
      .mockRejectedValueOnce(new ProblemError(403, 'email-unverified', ''))
      .mockResolvedValue(aBooking({ id: 'b1', status: 'held', resource_id: 'r1' }))
    const { user, getByTestId, findByTestId, queryByTestId, router } = await panel()
    const session = useSession()
    session.user = aUser({ email_verified: false })
    const renewed = vi.spyOn(session, 'renewUnverified').mockResolvedValue(undefined)
    await user.click(getByTestId('slot-1400'))
    await user.click(getByTestId('book-button'))
    await findByTestId('verify-wait')
    expect(queryByTestId('booking-problem')).toBeNull()
    window.dispatchEvent(new Event('focus'))
    await waitFor(() => expect(renewed).toHaveBeenCalledOnce())
    expect(booking.hold).toHaveBeenCalledOnce()
    session.user = aUser()
    window.dispatchEvent(new Event('focus'))
    await waitFor(() => expect(router.currentRoute.value.params.id).toBe('b1'))
    expect(booking.hold).toHaveBeenCalledTimes(2)
  })
})
