import { describe, expect, it } from 'vitest'
import userEvent from '@testing-library/user-event'
import { readFilters } from '../useSearch'
import { show } from '@/testing/render'
import FilterBar from './FilterBar.vue'
import FilterFields from './FilterFields.vue'

describe('the price filter', () => {
  it('says at the field that the prices contradict each other, keeps them, and asks for nothing', async () => {
    const user = userEvent.setup()
    const { getByLabelText, findByText, emitted, rerender, queryByText } = await show(FilterFields, {
      props: { group: 'price', filters: readFilters({}), facets: {} },
    })
    await user.type(getByLabelText('Price to'), '100')
    await user.tab()
    expect(emitted('change')).toEqual([[{ price_min: undefined, price_max: '100' }]])
    await rerender({ filters: readFilters({ price_max: '100' }) })
    await user.type(getByLabelText('Price from'), '500')
    await user.tab()
    const told = await findByText('The upper price is below the lower one.')
    expect(told.closest('.v-input')?.textContent).toContain('Price to')
    await rerender({ filters: readFilters({ price_max: '100', amenities: 'wifi' }) })
    expect(getByLabelText('Price from')).toHaveProperty('value', '500')
    expect(emitted('change')).toHaveLength(1)
    await user.clear(getByLabelText('Price from'))
    await user.type(getByLabelText('Price from'), '50')
    expect(queryByText('The upper price is below the lower one.')).toBeNull()
    await user.tab()
    expect(emitted('change')?.[1]).toEqual([{ price_min: '50', price_max: '100' }])
  })

  it('offers no price per month', async () => {
    const { queryByText, getByText } = await show(FilterFields, {
      props: { group: 'price', filters: readFilters({}), facets: {} },
    })
    getByText('per day')
    expect(queryByText('per month')).toBeNull()
  })

  it('says per what on its chip', async () => {
    const { getByTestId } = await show(FilterBar, {
      props: {
        filters: readFilters({ price_max: '450', per: 'day' }),
        facets: {},
        total: 1,
        count: 1,
        currency: 'RUB',
      },
    })
    expect(getByTestId('filter-price').textContent?.trim()).toBe('≤ 450\u00a0₽ / day')
  })
})

describe('the filter of kinds', () => {
  it('says what the list calls them, and its own word before the first list', async () => {
    const chosen = { filters: readFilters({ kind: 'office' }), total: 1, count: 1 }
    const { getByTestId, rerender } = await show(FilterBar, { props: { ...chosen, facets: {} } })
    expect(getByTestId('filter-kind').textContent?.trim()).toBe('Office')
    await rerender({ ...chosen, facets: { kind: [{ value: 'office', label: 'Private office', count: 1 }] } })
    expect(getByTestId('filter-kind').textContent?.trim()).toBe('Private office')
  })
})

describe('the filter of amenities', () => {
  it('says the labels of the list, and keeps them when the list counts an amenity no more', async () => {
    const chosen = { filters: readFilters({ amenities: 'roof-garden' }), total: 1, count: 1 }
    const counted = { amenities: [{ value: 'roof-garden', label: 'Garden on the roof', count: 1 }] }
    const { getByTestId, rerender } = await show(FilterBar, { props: { ...chosen, facets: counted } })
    expect(getByTestId('filter-amenities').textContent?.trim()).toBe('Garden on the roof')
    await rerender({ ...chosen, facets: {}, total: 0 })
    expect(getByTestId('filter-amenities').textContent?.trim()).toBe('Garden on the roof')
  })
})
