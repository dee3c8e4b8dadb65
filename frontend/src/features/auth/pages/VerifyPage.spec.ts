import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import VerifyPage from './VerifyPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { verify: vi.fn(), resendVerification: vi.fn(), me: vi.fn() } }
})

const open = (at = '/verify?token=t0ken') => show(VerifyPage, { at })

describe('VerifyPage', () => {
  beforeEach(() => {
    localStorage.removeItem('mesto.session')
    vi.mocked(auth.verify).mockReset().mockResolvedValue(undefined)
    vi.mocked(auth.resendVerification).mockReset().mockResolvedValue(undefined)
  })

  it('uses the link at once and takes the token out of the address', async () => {
    const { findByText, router } = await open()
    await findByText('Your address is verified')
    expect(auth.verify).toHaveBeenCalledExactlyOnceWith('t0ken')
    await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/verify?lang=en'))
  })

  it.each([
    [410, 'link-used', 'This link has been used already'],
    [410, 'link-expired', 'This link works no more'],
    [404, 'link-unknown', 'This is not one of our links'],
  ])('says of a %i %s what it means', async (status, slug, sentence) => {
    vi.mocked(auth.verify).mockRejectedValue(new ProblemError(status, slug, 'x'))
    const { findByText, queryByTestId } = await open()
    await findByText(sentence)
    expect(queryByTestId('verify-again') !== null).toBe(slug !== 'link-used')
  })

  it('sends a new link to the address that is written', async () => {
    const user = userEvent.setup()
    const { findByTestId, getByLabelText, findByText } = await open('/verify')
    await findByTestId('verify-unknown')
    expect(auth.verify).not.toHaveBeenCalled()
    await user.type(getByLabelText('E-mail'), 'anna@example.org')
    await user.click(await findByTestId('verify-again'))
    await findByText(/If anna@example.org is waiting/)
    expect(auth.resendVerification).toHaveBeenCalledExactlyOnceWith('anna@example.org')
  })

  it('offers to try again when the service is away, keeping the token', async () => {
    vi.mocked(auth.verify).mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
    const user = userEvent.setup()
    const { findByText } = await open()
    await user.click(await findByText('Try again'))
    await findByText('Your address is verified')
  })

  it('still says so after a reload, when the token has left the address', async () => {
    const { findByText, router } = await open()
    await findByText('Your address is verified')
    await waitFor(() => expect(router.options.history.state).toMatchObject({ verified: 'done' }))
    vi.spyOn(history, 'state', 'get').mockReturnValue({ verified: 'done' })
    const { findAllByText } = await open('/verify')
    expect(await findAllByText('Your address is verified')).toHaveLength(2)
    expect(auth.verify).toHaveBeenCalledOnce()
    vi.restoreAllMocks()
  })
})
