import { reactive } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '@testing-library/vue'
import { booking as api, catalog, type BookingView } from '@/api'
import { ProblemError } from '@/api/problem'
import { wholeI18n } from '@/testing/messages'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aBooking, aUser } from '@/testing/samples'
import BookingPage from './BookingPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { one: vi.fn(), pay: vi.fn(), settle: vi.fn() }, catalog: { space: vi.fn() } }
})
vi.mock('vue-router', async (original) => ({
  ...(await original<typeof import('vue-router')>()),
  useRoute: () => address,
}))
const address = reactive({ params: { id: 'b' }, query: {} })

const start = new Date(Date.now() + 5 * 86_400_000).toISOString()
const booking = aBooking({
  status: 'held',
  start,
  end: start,
  expires_at: new Date(Date.now() + 600_000).toISOString(),
  space_title: 'Loft',
  cancellation: [
    { until: new Date(Date.now() + 86_400_000).toISOString(), refund_percent: 100 },
    { until: new Date(Date.now() - 1000).toISOString(), refund_percent: 50 },
  ],
})

/** The page of the booking in the address, for whoever is signed in. */
async function page() {
  const view = await show(BookingPage)
  useSession().user = aUser()
  return view
}
async function shown(changes: Partial<BookingView> = {}) {
  vi.mocked(api.one).mockResolvedValue({ ...booking, ...changes })
  const view = await page()
  await view.findByTestId('booking-page')
  return view
}
const { t } = wholeI18n('en').global

describe('BookingPage', () => {
  beforeEach(() => {
    vi.mocked(api.one).mockReset()
    vi.mocked(catalog.space).mockReset()
  })

  it('says until when what comes back, as the booking itself has it', async () => {
    const { getByTestId, queryByTestId } = await shown()
    const said = getByTestId('refund-terms').textContent
    expect(said).toContain(t('booking.termsOncePaid'))
    expect(said).toMatch(/Free to cancel until/)
    expect(said).not.toContain('50')
    expect(queryByTestId('approval-terms')).toBeNull()
  })

  it('says that a request is answered by the owner, as a step of its own', async () => {
    const { getByTestId, getByText } = await shown({ approval: 'owner' })
    expect(getByTestId('approval-terms').textContent).toBe(t('terms.request'))
    getByText(t('booking.steps.answer'))
  })

  it.each(['cancelled', 'expired', 'declined'] as const)('says nothing of terms that are over: %s', async (status) => {
    const { queryByTestId } = await shown({ status })
    expect(queryByTestId('refund-terms')).toBeNull()
  })

  it('says of a request that waits until when its owner answers, and that all comes back before', async () => {
    const expires_at = '2026-11-30T06:00:00Z'
    const { getByTestId } = await shown({ status: 'awaiting_approval', approval: 'owner', expires_at })
    expect(getByTestId('explanation').textContent).toBe(
      'The owner answers by Mon, Nov 30, 09:00 (Moscow time). If they decline or do not answer, everything comes back.',
    )
    expect(getByTestId('refund-terms').textContent).toContain(t('terms.untilAnswer'))
  })

  it('reckons the answer of a request that costs nothing: a day, at the latest when it begins', async () => {
    const soon = {
      status: 'awaiting_approval',
      total: { amount: '0.00', currency: 'RUB' },
      expires_at: null,
      start: '2026-11-30T06:00:00Z',
    } as const
    const first = await shown({ ...soon, created_at: '2026-11-29T10:00:00Z' })
    expect(first.getByTestId('explanation').textContent).toContain('by Mon, Nov 30, 09:00')
    first.unmount()
    const second = await shown({ ...soon, created_at: '2026-11-28T10:00:00Z' })
    expect(second.getByTestId('explanation').textContent).toContain('by Sun, Nov 29, 13:00')
  })

  it('speaks to the owner of the space about the renter’s booking', async () => {
    const { getByRole, queryByTestId, queryByText, getByTestId } = await shown({ status: 'confirmed', mine: false })
    expect(getByRole('heading', { level: 1 }).textContent).toBe('Booked by a renter')
    expect(queryByTestId('explanation')).toBeNull()
    expect(queryByText(/Nothing comes|Free to cancel/)).toBeNull()
    expect(getByTestId('refund-terms').textContent).toContain('If you cancel, the renter gets everything back.')
  })

  it('lets nobody but the renter pay', async () => {
    const { queryByTestId } = await shown({ status: 'held', mine: false })
    expect(queryByTestId('pay-succeed')).toBeNull()
  })

  it('speaks of a mail only where one is sent', async () => {
    const free = { status: 'confirmed', total: { amount: '0.00', currency: 'RUB' } } as const
    const { getByTestId, findByTestId } = await shown(free)
    useSession().user = aUser({ email: 'a@example.org', email_verified: false })
    await findByTestId('verify-again')
    expect(getByTestId('explanation').textContent).toBe('Verify your address to get mails about your bookings.')
    useSession().user = aUser({ email: 'a@example.org' })
    await waitFor(() =>
      expect(getByTestId('explanation').textContent).toBe('We have sent the details to a@example.org.'),
    )
  })

  it.each([
    [
      { status: 'cancelled', ended_by: 'renter', refund: null },
      'You gave the seats back',
      'The seats are free again. Nothing was charged.',
    ],
    [
      { status: 'cancelled', ended_by: 'renter', refund: { amount: '0.00', currency: 'RUB' } },
      'You cancelled this booking',
      'Nothing is given back.',
    ],
    [
      { status: 'cancelled', ended_by: 'owner', refund: { amount: '500.00', currency: 'RUB' } },
      'The owner cancelled this booking',
      'You get everything back: 500\u00a0₽.',
    ],
    [
      { status: 'cancelled', refund: { amount: '250.00', currency: 'RUB' } },
      'This booking is cancelled',
      'You get back 250\u00a0₽ of 500\u00a0₽.',
    ],
    [
      { status: 'declined', ended_by: 'owner' },
      'The owner could not take this booking',
      'You get everything back: 500\u00a0₽.',
    ],
    [
      { status: 'declined', ended_by: 'time' },
      'The owner did not answer in time',
      'You get everything back: 500\u00a0₽.',
    ],
  ] as const)('says by whom it ended and what comes back: %o', async (changes, headline, hint) => {
    const { getByRole, getByTestId } = await shown(changes as Partial<BookingView>)
    expect(getByRole('heading', { level: 1 }).textContent).toBe(headline)
    expect(getByTestId('explanation').textContent).toBe(hint)
  })

  it('offers the same thing at the same time once the hold has ended', async () => {
    const { getByRole } = await shown({
      status: 'expired',
      space_slug: 'loft',
      start: '2026-11-29T22:00:00Z',
      end: '2026-11-29T23:00:00Z',
    })
    const link = new URL(getByRole('link', { name: t('booking.again') }).getAttribute('href') ?? '', 'http://x')
    expect(link.pathname).toBe('/spaces/loft')
    expect(Object.fromEntries(link.searchParams)).toEqual({
      resource: 'r',
      date: '2026-11-30',
      seats: '1',
      start: '2026-11-29T22:00:00Z',
      end: '2026-11-29T23:00:00Z',
    })
  })

  it('leads to no page of a space that was taken off the site', async () => {
    const about = { name: t('booking.openSpace') }
    const first = await shown({ status: 'confirmed', space_slug: 'loft' })
    first.getByRole('link', about)
    first.unmount()
    vi.mocked(catalog.space).mockRejectedValue(new ProblemError(404, 'not-found', ''))
    const second = await shown({ status: 'confirmed', space_slug: 'loft' })
    await waitFor(() => expect(second.queryByRole('link', about)).toBeNull())
  })

  it.each([404, 422])('says that there is no such booking: %i', async (status) => {
    vi.mocked(api.one).mockRejectedValue(new ProblemError(status, status === 404 ? 'not-found' : 'invalid-request', ''))
    const { findByRole } = await page()
    await findByRole('heading', { name: 'There is no such booking' })
  })

  it('says nothing of money where none is paid', async () => {
    const { queryByTestId } = await shown({ status: 'confirmed', total: { amount: '0.00', currency: 'RUB' } })
    expect(queryByTestId('refund-terms')).toBeNull()
  })
})

describe('paying on BookingPage', () => {
  beforeEach(() => {
    address.params.id = 'b'
    vi.mocked(api.one)
      .mockReset()
      .mockImplementation(async (id) => ({ ...booking, id }))
    vi.mocked(api.pay)
      .mockReset()
      .mockResolvedValue({ redirect_url: 'x' } as never)
    vi.mocked(api.settle).mockReset().mockResolvedValue(undefined)
  })
  afterEach(() => {
    address.params.id = 'b'
    vi.useRealTimers()
  })

  it('for one booking says nothing of the next that the page shows', async () => {
    const view = await page()
    ;(await view.findByTestId('pay-succeed')).click()
    await view.findByText(t('booking.waiting'))
    address.params.id = 'c'
    await waitFor(() => expect(view.container.querySelector('.number')?.textContent).toContain(' c'))
    expect(view.queryByText(t('booking.waiting'))).toBeNull()
    view.getByTestId('pay-succeed')
  })

  it('asks no more for a booking whose page was left meanwhile', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const view = await page()
    const pay = await view.findByTestId('pay-succeed')
    const { promise, resolve } = Promise.withResolvers<BookingView>()
    vi.mocked(api.one).mockReset().mockReturnValue(promise)
    pay.click()
    await waitFor(() => expect(api.one).toHaveBeenCalledOnce())
    view.unmount()
    resolve(booking)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(api.one).toHaveBeenCalledOnce()
  })
})
