import { defineComponent, h, ref } from 'vue'
import { waitFor } from '@testing-library/vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { catalog, type SpaceList } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aCard } from '@/testing/samples'
import { readFilters } from './useSearch'
import { useSpaces } from './useSpaces'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, catalog: { ...real.catalog, spaces: vi.fn() } }
})

const city = ref('moscow')
const pinned = ref(false)
const Spaces = defineComponent({
  setup() {
    const spaces = useSpaces(
      () => readFilters({ city: city.value }),
      () => true,
      () => pinned.value,
    )
    const ids = (items: { id: string }[]) => items.map((item) => item.id).join()
    return () => [
      h('p', { 'data-testid': 'items' }, ids(spaces.items.value)),
      h('p', { 'data-testid': 'pins' }, ids(spaces.pins.value)),
      h('p', { 'data-testid': 'state' }, spaces.problem.value?.slug ?? (spaces.loading.value ? 'loading' : 'calm')),
      h('button', { onClick: () => spaces.more() }, 'more'),
    ]
  },
})

function answer(ids: string[], next_cursor: string | null = null, total = ids.length): SpaceList {
  const facets = { amenities: [], city: [], district: [], kind: [], price: [], rating: [] }
  return { items: ids.map((id) => aCard({ id })), next_cursor, total, currency: 'RUB', per: 'hour', facets }
}
const asked = () => vi.mocked(catalog.spaces).mock.calls.map(([query]) => query)

describe('the list', () => {
  beforeEach(() => {
    city.value = 'moscow'
    pinned.value = false
    history.replaceState({}, '')
    vi.mocked(catalog.spaces).mockReset()
  })

  it('stays while another one is asked for, and an answer that was given up is not shown', async () => {
    vi.mocked(catalog.spaces).mockResolvedValueOnce(answer(['a']))
    const { getByTestId } = await show(Spaces)
    const shown = () => [getByTestId('items').textContent, getByTestId('state').textContent]
    await waitFor(() => expect(shown()).toEqual(['a', 'calm']))

    const late = Promise.withResolvers<SpaceList>()
    vi.mocked(catalog.spaces)
      .mockReturnValueOnce(late.promise)
      .mockResolvedValueOnce(answer(['c']))
    city.value = 'kazan'
    await waitFor(() => expect(shown()).toEqual(['a', 'loading']))
    const signal = vi.mocked(catalog.spaces).mock.calls[1]?.[1]
    city.value = 'sochi'
    await waitFor(() => expect(shown()).toEqual(['c', 'calm']))
    expect(signal?.aborted).toBe(true)
    late.resolve(answer(['b']))
    await new Promise(requestAnimationFrame)
    expect(shown()).toEqual(['c', 'calm'])
  })

  it('has as many in the other language as were shown', async () => {
    const ids = Array.from({ length: 21 }, (_none, at) => `s${at}`)
    vi.mocked(catalog.spaces)
      .mockResolvedValueOnce(answer(ids.slice(0, 20), 'next', 42))
      .mockResolvedValueOnce(answer(ids.slice(20), 'later', 42))
      .mockResolvedValueOnce(answer(ids, 'later', 42))
    const { getByTestId, getByText, i18n } = await show(Spaces)
    await waitFor(() => expect(getByTestId('items').textContent).toContain('s19'))
    getByText('more').click()
    await waitFor(() => expect(getByTestId('items').textContent).toContain('s20'))
    i18n.global.locale.value = i18n.global.locale.value === 'ru' ? 'en' : 'ru'
    await waitFor(() => expect(asked().at(-1)).toMatchObject({ limit: 21 }))
  })

  it('stays, with what went wrong, when another one does not come', async () => {
    vi.mocked(catalog.spaces)
      .mockResolvedValueOnce(answer(['a']))
      .mockRejectedValue(new ProblemError(503, 'away', ''))
    const { getByTestId } = await show(Spaces)
    await waitFor(() => expect(getByTestId('items').textContent).toBe('a'))
    city.value = 'kazan'
    await waitFor(() => expect(getByTestId('state').textContent).toBe('away'))
    expect(getByTestId('items').textContent).toBe('a')
  })

  it('goes on page by page, and a reload shows as many at once', async () => {
    vi.mocked(catalog.spaces)
      .mockResolvedValueOnce(answer(['a'], 'next', 2))
      .mockResolvedValueOnce(answer(['b'], null, 2))
      .mockResolvedValueOnce(answer(['a', 'b'], null, 2))
    const { getByTestId, getByRole, unmount } = await show(Spaces)
    await waitFor(() => expect(getByTestId('items').textContent).toBe('a'))
    getByRole('button').click()
    await waitFor(() => expect(getByTestId('items').textContent).toBe('a,b'))
    expect(asked().map(({ cursor, limit }) => [cursor, limit])).toEqual([
      [undefined, 20],
      ['next', 20],
    ])
    expect(history.state).toMatchObject({ 'mesto.shown': 2 })
    unmount()
    history.replaceState({ 'mesto.shown': 43 }, '')
    await show(Spaces)
    await waitFor(() => expect(asked()).toHaveLength(3))
    expect(asked()[2]).toMatchObject({ limit: 43 })
  })

  it('has more places on the map than on its first page, and its own where those do not come', async () => {
    vi.mocked(catalog.spaces)
      .mockResolvedValueOnce(answer(['a'], 'next', 3))
      .mockResolvedValueOnce(answer(['a', 'b', 'c'], null, 3))
      .mockResolvedValueOnce(answer(['d'], 'next', 3))
      .mockRejectedValueOnce(new ProblemError(503, 'away', ''))
    pinned.value = true
    const { getByTestId } = await show(Spaces)
    await waitFor(() => expect(getByTestId('pins').textContent).toBe('a,b,c'))
    expect(asked().map(({ limit }) => limit)).toEqual([20, 100])
    city.value = 'kazan'
    await waitFor(() => expect(asked()).toHaveLength(4))
    expect([getByTestId('pins').textContent, getByTestId('items').textContent]).toEqual(['d', 'd'])
  })
})
