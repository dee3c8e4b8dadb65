import { beforeEach, describe, expect, it, vi } from 'vitest'
import { catalog, type SpaceCard } from '@/api'
import { show } from '@/testing/render'
import { aCard, aCity } from '@/testing/samples'
import SearchPage from './SearchPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  const none = { type: 'FeatureCollection', features: [] }
  const geo = { cities: async () => [city], districts: async () => none, stops: async () => none }
  return { ...real, geo, catalog: { ...real.catalog, spaces: vi.fn() } }
})
vi.mock('@/ui/MapView.vue', () => ({
  __esModule: true,
  default: {
    name: 'MapView',
    props: ['places'],
    template: '<ul><li v-for="place in places" :key="place.id" data-testid="pin">{{ place.label }}</li></ul>',
  },
}))

const city = aCity()
const card = (id: string, price_from: SpaceCard['price_from']) =>
  aCard({ id, slug: id, title: `Place ${id}`, price_from })
const answer = (...items: SpaceCard[]) =>
  vi.mocked(catalog.spaces).mockResolvedValue({
    items,
    next_cursor: null,
    total: items.length,
    currency: 'RUB',
    per: 'hour',
    facets: { amenities: [], city: [], district: [], kind: [], price: [], rating: [] },
  })

const search = (at: string) => show(SearchPage, { at })

describe('SearchPage', () => {
  beforeEach(() => void answer())

  it('says that there is no such city, and leads to all that there are', async () => {
    const { findByRole, getByRole } = await search('/?city=atlantis')
    await findByRole('heading', { name: 'There is no city “atlantis” here' })
    expect(getByRole('link', { name: 'Moscow' }).getAttribute('href')).toContain('city=moscow')
    expect(localStorage.getItem('mesto.city')).toBeNull()
  })

  it('names the filters that are set where nothing is found', async () => {
    const { findByText } = await search('/?city=moscow&amenities=wifi&price_max=100')
    await findByText('Change or take away one of these: Amenities, Price.')
  })

  it('leaves a price out that nothing can fit, and says so', async () => {
    const { findByTestId } = await search('/?city=moscow&price_min=500&price_max=100')
    expect((await findByTestId('dropped')).textContent).toBe(
      'A price from 500 to 100 fits nothing, so the price is left out.',
    )
    expect(catalog.spaces).toHaveBeenLastCalledWith(
      expect.not.objectContaining({ price_min: '500' }),
      expect.anything(),
    )
  })

  it('says on the map what the list says: the price with its unit, or that it is free; none per month', async () => {
    window.innerWidth = 1440
    answer(
      card('a', { amount: '250.00', currency: 'RUB', per: 'hour' }),
      card('b', { amount: '0.00', currency: 'RUB', per: 'day' }),
      card('c', { amount: '9000.00', currency: 'RUB', per: 'month' }),
    )
    const { findAllByTestId, container } = await search('/?city=moscow')
    const pins = await findAllByTestId('pin')
    expect(pins.map((pin) => pin.textContent?.replace(/\u00a0/g, ' '))).toEqual(['250 ₽ / hour', 'Free', 'Place c'])
    expect(container.textContent).not.toContain('9,000')
  })
})
