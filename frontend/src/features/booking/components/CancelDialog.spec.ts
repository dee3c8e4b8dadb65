import { describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { screen, waitFor } from '@testing-library/vue'
import { useQueryCache } from '@pinia/colada'
import { booking as api, type BookingView } from '@/api'
import { useSession } from '@/features/auth'
import { PERSONAL } from '@/lib/queries'
import { useBookings } from '../bookings.queries'
import { show } from '@/testing/render'
import { aBooking, aCancellation, aUser } from '@/testing/samples'
import CancelDialog from './CancelDialog.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { ...real.booking, cancellation: vi.fn(), cancel: vi.fn() } }
})
const booking = aBooking({
  start: '2027-01-01T10:00:00Z',
  end: '2027-01-01T12:00:00Z',
  total: { amount: '1500.00', currency: 'RUB' },
  price_per: 'day',
  revision: 2,
})
const refund = (amount: string) => ({ amount, currency: 'RUB' })
const consequence = async () =>
  (await screen.findByText(/^(?!Counting).*(get|given|charged)/)).textContent?.replace(/\u00a0/g, ' ')

/** Open the dialog for whoever is signed in. */
async function dialog(changes: Partial<BookingView> = {}) {
  const view = await show(CancelDialog, { props: { booking: { ...booking, ...changes }, modelValue: true } })
  useSession().user = aUser()
  return view
}

describe('CancelDialog', () => {
  it('says what comes back before asking, and does it once', async () => {
    vi.mocked(api.cancellation).mockResolvedValue(aCancellation({ refund_percent: 90, refund: refund('1350.00') }))
    vi.mocked(api.cancel).mockResolvedValue({ ...booking, status: 'cancelled', refund: refund('1350.00'), revision: 3 })
    await dialog()
    expect(await consequence()).toBe('You get back 1,350 ₽ of 1,500 ₽.')
    await userEvent.setup().click(screen.getByTestId('confirm'))
    await waitFor(() => expect(useBookings().byId.get('b')?.status).toBe('cancelled'))
    expect(api.cancel).toHaveBeenCalledOnce()
  })

  it('leaves nothing of what is answered after its reader has signed out', async () => {
    const { promise, resolve } = Promise.withResolvers<BookingView>()
    vi.mocked(api.cancel).mockReset().mockReturnValue(promise)
    const view = await dialog({ status: 'held' })
    await userEvent.setup().click(screen.getByTestId('confirm'))
    await waitFor(() => expect(api.cancel).toHaveBeenCalledOnce())
    useSession().forget()
    view.unmount()
    resolve({ ...booking, status: 'cancelled' })
    await new Promise(requestAnimationFrame)
    // An entry that nobody looks at goes a moment later; what it held is gone at once.
    const left = useQueryCache().getEntries({ key: [PERSONAL] })
    expect(left.map((entry) => entry.state.value.data)).not.toContainEqual(expect.anything())
  })

  it.each([
    [100, '1500.00', 'You get back all 1,500 ₽.'],
    [0, '0.00', 'It is too late for a refund: nothing of 1,500 ₽ is given back.'],
  ])('knows %i%%', async (percent, amount, sentence) => {
    vi.mocked(api.cancellation).mockResolvedValue(aCancellation({ refund_percent: percent, refund: refund(amount) }))
    await dialog()
    expect(await consequence()).toBe(sentence)
  })

  it('does not speak of a refund where nothing was paid, however late it is', async () => {
    vi.mocked(api.cancellation).mockResolvedValue(aCancellation({ refund_percent: 0, paid: null, refund: null }))
    await dialog()
    expect(await consequence()).toBe('Nothing was charged. The seats go back to everyone.')
  })

  it('tells the owner of the space what the renter gets back', async () => {
    vi.mocked(api.cancellation).mockResolvedValue(aCancellation({ refund_percent: 100, refund: refund('1500.00') }))
    await dialog({ mine: false })
    expect(await consequence()).toBe('The renter gets back all 1,500 ₽.')
  })

  it('needs no sum for a hold: nothing was charged', async () => {
    vi.mocked(api.cancellation).mockClear()
    await dialog({ status: 'held' })
    expect(await consequence()).toBe('Nothing was charged. The seats go back to everyone.')
    expect(api.cancellation).not.toHaveBeenCalled()
    screen.getByRole('heading', { name: 'Give the seats back?' })
  })
})
