import { beforeEach, describe, expect, it, vi } from 'vitest'
import { waitFor } from '@testing-library/vue'
import { geo, texts } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aTextSummary } from '@/testing/samples'
import AppFooter from './AppFooter.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, geo: { cities: vi.fn() }, texts: { list: vi.fn() } }
})

describe('AppFooter', () => {
  beforeEach(() => void vi.mocked(geo.cities).mockResolvedValue([]))

  it('links to the texts that there are and to no others', async () => {
    const owners = aTextSummary({ name: 'owner_terms', title: 'Terms for owners' })
    vi.mocked(texts.list).mockResolvedValue([aTextSummary({ name: 'help', title: 'Help' }), owners])
    const { findByTestId } = await show(AppFooter)
    const links = [...(await findByTestId('footer-texts')).querySelectorAll('a')]
    expect(links.map((link) => [link.textContent, new URL(link.href).pathname])).toEqual([
      ['Help', '/help'],
      ['Terms for owners', '/owner-terms'],
    ])
  })

  it.each([
    ['has none', () => vi.mocked(texts.list).mockResolvedValue([])],
    ['does not tell', () => vi.mocked(texts.list).mockRejectedValue(new ProblemError(503, 'unavailable', ''))],
  ])('has no such links where the platform %s', async (_what, prepare) => {
    prepare()
    const { queryByTestId } = await show(AppFooter)
    await waitFor(() => expect(texts.list).toHaveBeenCalled())
    expect(queryByTestId('footer-texts')).toBeNull()
  })
})
