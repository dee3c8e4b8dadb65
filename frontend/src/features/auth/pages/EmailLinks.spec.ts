import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import ConfirmEmailPage from './ConfirmEmailPage.vue'
import UndoEmailPage from './UndoEmailPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, confirmEmailChange: vi.fn(), undoEmailChange: vi.fn() } }
})
const REFUSALS = [
  [410, 'link-used', 'used'],
  [410, 'link-expired', 'expired'],
  [404, 'link-unknown', 'unknown'],
  [409, 'email-taken', 'taken'],
] as const

beforeEach(() => {
  for (const call of [auth.confirmEmailChange, auth.undoEmailChange])
    vi.mocked(call).mockReset().mockResolvedValue(undefined)
})

describe('the link to a new address', () => {
  const open = (at = '/confirm-email?token=t0ken') => show(ConfirmEmailPage, { at })

  it('is used at once, and leaves the address', async () => {
    const { findByTestId, router } = await open()
    await findByTestId('confirm-email-done')
    expect(auth.confirmEmailChange).toHaveBeenCalledExactlyOnceWith('t0ken')
    await vi.waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/confirm-email?lang=en'))
  })

  it.each(REFUSALS)('says of a %i %s what it means', async (status, slug, state) => {
    vi.mocked(auth.confirmEmailChange).mockRejectedValue(new ProblemError(status, slug, ''))
    const { findByTestId } = await open()
    expect((await findByTestId(`confirm-email-${state}`)).querySelector('h2')?.textContent).toBeTruthy()
  })

  it('still works when the service was away', async () => {
    vi.mocked(auth.confirmEmailChange).mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
    const user = userEvent.setup()
    const { findByText, findByTestId } = await open()
    await user.click(await findByText('Try again'))
    await findByTestId('confirm-email-done')
  })

  it('is none without its token, and is remembered after a reload', async () => {
    await (await open('/confirm-email')).findByTestId('confirm-email-unknown')
    vi.spyOn(history, 'state', 'get').mockReturnValue({ link: 'done' })
    await (await open('/confirm-email')).findByTestId('confirm-email-done')
    expect(auth.confirmEmailChange).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})

describe('the link that takes a change back', () => {
  const open = () => show(UndoEmailPage, { at: '/undo-email?token=t0ken' })

  it('says what it does, and does it only when that is wanted', async () => {
    const user = userEvent.setup()
    const { getByText, getByTestId, findByTestId, router } = await open()
    getByText(/The present password stops working/)
    await vi.waitFor(() => expect(router.currentRoute.value.query.token).toBeUndefined())
    expect(auth.undoEmailChange).not.toHaveBeenCalled()
    await user.click(getByTestId('undo-email-submit'))
    await findByTestId('undo-email-done')
    expect(auth.undoEmailChange).toHaveBeenCalledExactlyOnceWith('t0ken')
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('The address is yours again'))
  })

  it.each(REFUSALS)('says of a %i %s what it means', async (status, slug, state) => {
    vi.mocked(auth.undoEmailChange).mockRejectedValue(new ProblemError(status, slug, ''))
    const user = userEvent.setup()
    const { getByTestId, findByTestId } = await open()
    await user.click(getByTestId('undo-email-submit'))
    expect((await findByTestId(`undo-email-${state}`)).querySelector('h2')?.textContent).toBeTruthy()
  })
})
