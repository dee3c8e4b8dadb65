import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import RecoverPage from './RecoverPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { recover: vi.fn(), confirmRecovery: vi.fn(), me: vi.fn() } }
})
const GOOD = 'three green lamps 9'

async function open(at = '/recover?token=t0ken') {
  const user = userEvent.setup()
  const view = await show(RecoverPage, { at })
  const write = async (label: string, value: string) => {
    await user.click(view.getByLabelText(label))
    await user.paste(value)
  }
  return { ...view, user, write }
}
async function set(first = GOOD, second = first) {
  const view = await open()
  await view.write('New password', first)
  await view.write('New password once more', second)
  await vi.waitFor(() => view.getByTestId('strength'), { timeout: 5000 })
  await view.user.click(view.getByTestId('recover-set-submit'))
  return view
}

describe('RecoverPage', () => {
  beforeEach(() => {
    vi.mocked(auth.recover).mockReset().mockResolvedValue(undefined)
    vi.mocked(auth.confirmRecovery).mockReset().mockResolvedValue(undefined)
  })

  it('asks for a letter and says the same whoever asks', async () => {
    const { user, write, getByTestId, findByText } = await open('/recover')
    await user.click(getByTestId('recover-submit'))
    await findByText('Please fill this in.')
    await write('E-mail', ' anna@example.org ')
    await user.click(getByTestId('recover-submit'))
    await findByText(/If anna@example.org has an account, a letter is on its way/)
    expect(auth.recover).toHaveBeenCalledExactlyOnceWith('anna@example.org')
  })

  it('takes the token out of the address at once, and sets the password by it', async () => {
    const { router, findByText } = await set()
    expect(auth.confirmRecovery).toHaveBeenCalledExactlyOnceWith('t0ken', GOOD)
    await findByText('Your password is set')
    expect(router.currentRoute.value.fullPath).toBe('/recover?lang=en')
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toContain('t0ken')
  })

  it.each([
    ['password123', 'password123', 'This password is too easy to guess. Make it longer or less common.'],
    [GOOD, `${GOOD}!`, 'This is not the same password.'],
  ])('refuses %s and %s', async (first, second, sentence) => {
    const { findByText } = await set(first, second)
    await findByText(sentence)
    expect(auth.confirmRecovery).not.toHaveBeenCalled()
  })

  it('keeps the link when the service wants another password', async () => {
    const weak = new ProblemError(422, 'weak-password', '', '', [{ field: 'password', message: 'x' }])
    vi.mocked(auth.confirmRecovery).mockRejectedValueOnce(weak)
    const { findByText, user, getByTestId } = await set()
    await findByText('This password is too easy to guess. Take four words that do not belong together.')
    await user.click(getByTestId('recover-set-submit'))
    await findByText('Your password is set')
  })

  it.each([
    ['link-used', 'This link has been used already'],
    ['link-expired', 'This link works no more'],
    ['link-unknown', 'This is not one of our links'],
  ])('says what became of a link, and lets another be asked for: %s', async (slug, sentence) => {
    vi.mocked(auth.confirmRecovery).mockRejectedValue(new ProblemError(410, slug, ''))
    const { findByText, getByTestId } = await set()
    await findByText(sentence)
    getByTestId('recover-submit')
  })
})
