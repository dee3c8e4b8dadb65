import { defineComponent, h, KeepAlive, ref, type VNode } from 'vue'
import { waitFor } from '@testing-library/vue'
import { describe, expect, it, vi } from 'vitest'
import { geo } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aCity } from '@/testing/samples'
import { useCities } from './useCities'

vi.mock('@/api', async (original) => ({
  ...(await original<typeof import('@/api')>()),
  geo: { cities: vi.fn() },
}))

const page = (shows: (of: ReturnType<typeof useCities>) => VNode) =>
  defineComponent({
    setup() {
      const answered = useCities()
      return () => shows(answered)
    },
  })

describe('the cities', () => {
  it('that did not come are asked for again when the search is come back to, and only then', async () => {
    vi.mocked(geo.cities).mockRejectedValueOnce(new ProblemError(503, 'temporarily-unavailable', ''))
    vi.mocked(geo.cities).mockResolvedValue([aCity()])
    const searching = ref(true)
    const Header = page(({ cities, loaded }) =>
      h('header', `${loaded.value ? 'told' : 'asked'}: ${cities.value.map((city) => city.name).join()}`),
    )
    const Search = page(() => h('main', 'search'))
    const Frame = () => [h(Header), h(KeepAlive, () => (searching.value ? h(Search) : null))]
    const { container } = await show(Frame)
    const header = () => container.querySelector('header')?.textContent
    await waitFor(() => expect(header()).toBe('told: '))
    searching.value = false
    await waitFor(() => expect(container.textContent).not.toContain('search'))
    searching.value = true
    await waitFor(() => expect(header()).toBe('told: Moscow'))
    searching.value = false
    await waitFor(() => expect(container.textContent).not.toContain('search'))
    searching.value = true
    await waitFor(() => expect(container.textContent).toContain('search'))
    expect(geo.cities).toHaveBeenCalledTimes(2)
  })
})
