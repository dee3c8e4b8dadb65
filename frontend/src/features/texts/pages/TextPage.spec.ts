import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { texts } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aText, aTextSummary } from '@/testing/samples'
import TextPage from './TextPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, texts: { list: vi.fn(), get: vi.fn() } }
})

const terms = (at = '/terms') => show(TextPage, { at, props: { name: 'terms' } })

describe('TextPage', () => {
  beforeEach(() => {
    const privacy = aTextSummary({ name: 'privacy', title: 'Personal data' })
    vi.mocked(texts.list).mockReset().mockResolvedValue([aTextSummary(), privacy])
    vi.mocked(texts.get).mockReset().mockResolvedValue(aText())
  })

  it('shows the text, which edition it is, the others, and names itself', async () => {
    const { findByRole, getByText, getByTestId, queryByTestId, unmount } = await terms()
    await findByRole('heading', { level: 1, name: 'Terms of use' })
    getByText('Be kind.')
    expect(getByTestId('text-edition').textContent).toBe('Edition of November 24, 2026, version 0123456789ab')
    expect((await findByRole('link', { name: 'Personal data' })).getAttribute('href')).toContain('/privacy')
    expect([queryByTestId('text-past'), queryByTestId('text-fallback')]).toEqual([null, null])
    expect(document.title).toBe('Terms of use · Mesto')
    const description = () => document.querySelector('meta[name=description]')?.getAttribute('content')
    expect(description()).toBe('The terms on which this platform can be used.')
    unmount()
    expect(description()).toBeUndefined()
  })

  it('has a heading even where the text has none', async () => {
    vi.mocked(texts.get).mockResolvedValue(aText({ html: '<p>Be kind.</p>' }))
    const { findByRole } = await terms()
    await findByRole('heading', { level: 1, name: 'Terms of use' })
  })

  it('says that a text is shown in the other language, and marks it so', async () => {
    vi.mocked(texts.get).mockResolvedValue(aText({ language: 'ru', fallback: true }))
    const { findByTestId, getByTestId } = await terms()
    await findByTestId('text-fallback')
    expect(getByTestId('text-body').lang).toBe('ru')
  })

  it('shows an edition of the past and leads to the one that counts', async () => {
    vi.mocked(texts.get).mockResolvedValue(aText({ current: false, version: 'ba9876543210' }))
    const { findByTestId, getByRole } = await terms('/terms?version=ba9876543210')
    expect((await findByTestId('text-past')).textContent).toContain('It began on November 24, 2026.')
    expect(vi.mocked(texts.get).mock.calls[0]!.slice(0, 2)).toEqual(['terms', 'ba9876543210'])
    expect(getByRole('link', { name: 'Read the one that counts now' }).getAttribute('href')).not.toContain('version')
  })

  it('follows links to our own pages within the app, and leaves the others to the browser', async () => {
    const html = '<p><a href="/privacy">ours</a> <a href="https://example.org" class="external">theirs</a></p>'
    vi.mocked(texts.get).mockResolvedValue(aText({ html }))
    const { findByText, getByText, router } = await terms()
    const pushed = vi.spyOn(router, 'push').mockResolvedValue(undefined)
    const user = userEvent.setup()
    await user.click(await findByText('ours'))
    expect(pushed).toHaveBeenCalledExactlyOnceWith('/privacy')
    const theirs = getByText('theirs')
    let left = false
    theirs.parentElement!.parentElement!.addEventListener('click', (event) => {
      left = !event.defaultPrevented
      event.preventDefault()
    })
    await user.click(theirs)
    expect([left, pushed.mock.calls.length]).toEqual([true, 1])
  })

  it.each([404, 422])('says that there is no such text: %i', async (status) => {
    vi.mocked(texts.get).mockRejectedValue(new ProblemError(status, 'not-found', ''))
    const { findByRole } = await terms()
    await findByRole('heading', { level: 1, name: 'There is no such text' })
    expect(document.querySelector('meta[name=description]')).toBeNull()
  })

  it('tries again what did not load', async () => {
    vi.mocked(texts.get).mockRejectedValueOnce(new ProblemError(503, 'temporarily-unavailable', ''))
    const { findByRole } = await terms()
    await userEvent.setup().click(await findByRole('button', { name: 'Try again' }))
    await findByRole('heading', { level: 1, name: 'Terms of use' })
  })

  it('asks for the text in the language of the page', async () => {
    const { findByRole, i18n } = await terms()
    await findByRole('heading', { level: 1, name: 'Terms of use' })
    vi.mocked(texts.get).mockResolvedValue(aText({ language: 'ru', title: 'Условия', html: '<h1>Условия</h1>' }))
    i18n.global.locale.value = 'ru'
    await findByRole('heading', { level: 1, name: 'Условия' })
    await waitFor(() => expect(document.title).toBe('Условия · Mesto'))
  })
})
