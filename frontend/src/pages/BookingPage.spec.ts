import { beforeEach, describe, expect, it, vi } from 'vitest'
import { booking as api } from '@/api'
import type { Booking } from '@/api/types'
import { makeI18n } from '@/plugins/i18n'
import { show } from '@/testing/render'
import BookingPage from './BookingPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, booking: { one: vi.fn() } }
})
vi.mock('vue-router', async (original) => ({ ...(await original<typeof import('vue-router')>()), useRoute: () => ({ params: { id: 'b' }, query: {} }) }))

const start = new Date(Date.now() + 5 * 86_400_000).toISOString()
const booking: Booking = {
  id: 'b', status: 'held', space_id: 's', resource_id: 'r', start, end: start, seats: 1, total: { amount: '500.00', currency: 'RUB' }, price_per: 'hour',
  expires_at: new Date(Date.now() + 600_000).toISOString(), time_zone: 'Europe/Moscow', approval: 'instant', space_title: 'Loft',
  cancellation: [{ until: new Date(Date.now() + 86_400_000).toISOString(), refund_percent: 100 }, { until: new Date(Date.now() - 1000).toISOString(), refund_percent: 50 }],
}

async function shown(changes: Partial<Booking> = {}) {
  vi.mocked(api.one).mockResolvedValue({ ...booking, ...changes })
  const view = await show(BookingPage)
  await view.findByTestId('booking-page')
  return view
}
const { t } = makeI18n('en').global

describe('BookingPage', () => {
  beforeEach(() => void vi.mocked(api.one).mockReset())

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
    expect(getByTestId('approval-terms').textContent).toBe(t('panel.requestHint'))
    getByText(t('booking.steps.answer'))
  })

  it.each(['cancelled', 'expired', 'declined'] as const)('says nothing of terms that are over: %s', async (status) => {
    const { queryByTestId } = await shown({ status })
    expect(queryByTestId('refund-terms')).toBeNull()
  })

  it('says nothing of money where none is paid', async () => {
    const { queryByTestId } = await shown({ status: 'confirmed', total: { amount: '0.00', currency: 'RUB' } })
    expect(queryByTestId('refund-terms')).toBeNull()
  })
})
