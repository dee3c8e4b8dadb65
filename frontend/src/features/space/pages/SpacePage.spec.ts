import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '@testing-library/vue'
import { catalog } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aSpace } from '@/testing/samples'
import SpacePage from './SpacePage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  const geo = { ...real.geo, districts: vi.fn(), stops: vi.fn() }
  return { ...real, geo, catalog: { ...real.catalog, space: vi.fn() } }
})
vi.mock('@/ui/MapView.vue', () => ({ __esModule: true, default: { name: 'MapView', render: () => null } }))
vi.mock('@/features/space/components/BookingPanel.vue', () => ({
  __esModule: true,
  default: { name: 'BookingPanel', render: () => null },
}))

const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
const space = aSpace({ id, slug: 'attic', title: 'Attic' })

async function page(slug: string) {
  const view = await show(SpacePage, { at: `/spaces/${slug}?seats=2` })
  await view.findByRole('heading', { name: 'Attic' })
  return view
}

describe('SpacePage', () => {
  beforeEach(() => {
    vi.mocked(catalog.space).mockReset().mockResolvedValue(space)
  })
  afterEach(() => void vi.useRealTimers())

  it('takes the new address of a space whose slug has changed, without another entry in the history', async () => {
    const { router } = await page('old-loft')
    await waitFor(() => expect(router.currentRoute.value.path).toBe('/spaces/attic'))
    expect(router.currentRoute.value.query.seats).toBe('2')
    expect(catalog.space).toHaveBeenCalledTimes(1)
  })

  it.each(['attic', id])('stays where it was asked for: %s', async (slug) => {
    const { router } = await page(slug)
    expect(router.currentRoute.value.path).toBe(`/spaces/${slug}`)
  })

  it('has a title when there is no such place', async () => {
    vi.mocked(catalog.space).mockRejectedValue(new ProblemError(404, 'not-found', ''))
    const { findByRole } = await show(SpacePage, { at: '/spaces/nowhere' })
    await findByRole('heading', { name: 'There is no such place' })
    expect(document.title).toBe('There is no such place · Mesto')
  })

  it('looks again until a space that was declared just now can be booked', async () => {
    const soon = { ...space, bookable: { status: false, reason: 'AwaitingBooking' } } as const
    vi.mocked(catalog.space).mockResolvedValueOnce(soon)
    const { queryByTestId } = await page('attic')
    expect(queryByTestId('open-panel')).toBeNull()
    await waitFor(() => expect(catalog.space).toHaveBeenCalledTimes(2))
  })

  it('is gone where it is gone by now, whatever it was before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { router, findByRole } = await page('attic')
    vi.mocked(catalog.space).mockResolvedValue({ ...space, slug: 'loft', title: 'Loft' })
    await router.push('/spaces/loft?lang=en')
    await findByRole('heading', { name: 'Loft' })
    vi.mocked(catalog.space).mockRejectedValue(new ProblemError(404, 'not-found', ''))
    vi.setSystemTime(Date.now() + 60_000)
    await router.push('/spaces/attic?lang=en')
    await findByRole('heading', { name: 'There is no such place' })
  })

  it('says that a place is open around the clock', async () => {
    const opening_hours = [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, open: '00:00', close: '24:00' },
    ]
    vi.mocked(catalog.space).mockResolvedValue({
      ...space,
      opening_hours: opening_hours.map((item) => ({ ...item, days: [...item.days] })),
    })
    const { getByTestId } = await page('attic')
    expect(getByTestId('open-state').textContent).toBe('Open around the clock')
  })
})
