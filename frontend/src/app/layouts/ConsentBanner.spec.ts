import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { consents, texts } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aTextSummary, aUser } from '@/testing/samples'
import ConsentBanner from './ConsentBanner.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, texts: { list: vi.fn() }, consents: { list: vi.fn(), give: vi.fn() } }
})

const due = { name: 'terms', version: 'ba9876543210', agreed_version: '0123456789ab' } as const

async function signedIn() {
  const view = await show(ConsentBanner, { at: '/help' })
  useSession().user = aUser()
  return view
}

describe('ConsentBanner', () => {
  beforeEach(() => {
    vi.mocked(texts.list).mockReset().mockResolvedValue([aTextSummary()])
    vi.mocked(consents.list)
      .mockReset()
      .mockResolvedValue({ items: [], due: [due] })
    vi.mocked(consents.give).mockReset().mockResolvedValue({ items: [], due: [] })
  })

  it('names what has changed, leads to that very edition, and is gone once it is agreed to', async () => {
    const { findByText, getByRole, queryByTestId } = await signedIn()
    await findByText('“Terms of use” has changed since you agreed to it.')
    expect(getByRole('link', { name: 'Read: Terms of use' }).getAttribute('href')).toBe('/terms?version=ba9876543210')
    await userEvent.setup().click(getByRole('button', { name: 'Agree: Terms of use' }))
    await waitFor(() => expect(queryByTestId('consent-banner')).toBeNull())
    expect(consents.give).toHaveBeenCalledExactlyOnceWith({ text: 'terms', version: 'ba9876543210', page: '/help' })
  })

  it('asks those who were never asked in other words', async () => {
    vi.mocked(consents.list).mockResolvedValue({ items: [], due: [{ ...due, agreed_version: null }] })
    const { findByText } = await signedIn()
    await findByText('Please look at “Terms of use” and agree to it.')
  })

  it('stays, and says why, when the consent was not saved', async () => {
    vi.mocked(consents.give).mockRejectedValue(new ProblemError(503, 'temporarily-unavailable', ''))
    const { findByRole, findByTestId, getByTestId } = await signedIn()
    await userEvent.setup().click(await findByRole('button', { name: 'Agree: Terms of use' }))
    await findByTestId('problem')
    getByTestId('consent-banner')
  })

  it('asks nothing of strangers, and nothing about them', async () => {
    const { queryByTestId } = await show(ConsentBanner, { at: '/help' })
    await waitFor(() => expect(texts.list).toHaveBeenCalled())
    expect(consents.list).not.toHaveBeenCalled()
    expect(queryByTestId('consent-banner')).toBeNull()
  })
})
