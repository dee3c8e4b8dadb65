import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { aUser } from '@/testing/samples'
import LoginPage from '../pages/LoginPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { login: vi.fn(), me: vi.fn(), resendVerification: vi.fn() } }
})
const unverified = new ProblemError(403, 'email-unverified', '')

async function waiting() {
  const user = userEvent.setup()
  const view = await show(LoginPage, { at: '/login?next=/bookings' })
  await user.type(view.getByLabelText('E-mail'), 'anna@example.org')
  await user.type(view.getByLabelText('Password'), 'secret')
  await user.click(view.getByTestId('login-submit'))
  await view.findByTestId('verify-wait')
  const replaced = vi.spyOn(view.router, 'replace').mockResolvedValue(undefined)
  /** The reader comes back to the page. */
  const look = () => window.dispatchEvent(new Event('focus'))
  return { ...view, user, replaced, look }
}

describe('who may sign in only with a verified address', () => {
  beforeEach(() => {
    vi.mocked(auth.login).mockReset().mockRejectedValue(unverified)
    vi.mocked(auth.me).mockResolvedValue(aUser())
  })
  afterEach(() => sessionStorage.clear())

  it('waits, and is signed in once the link was opened on any device', async () => {
    const { getByText, replaced, look } = await waiting()
    getByText(/We have sent a letter to anna@example.org/)
    look()
    await vi.waitFor(() => expect(auth.login).toHaveBeenCalledTimes(2))
    expect(replaced).not.toHaveBeenCalled()
    vi.mocked(auth.login).mockResolvedValue({ access_token: 't', token_type: 'bearer', expires_in: 600 })
    await vi.waitFor(() => {
      look()
      expect(replaced).toHaveBeenCalledWith('/bookings')
    })
    expect(new Set(vi.mocked(auth.login).mock.calls.map((sent) => sent.join()))).toEqual(
      new Set(['anna@example.org,secret,true']),
    )
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toContain('secret')
  })

  it('can ask for another letter, and write another address', async () => {
    const { user, findByText, getByTestId, getByLabelText, queryByTestId } = await waiting()
    vi.mocked(auth.resendVerification).mockResolvedValue(undefined)
    await user.click(getByTestId('verify-again'))
    await findByText(/If anna@example.org is waiting/)
    await user.click(getByTestId('verify-change'))
    expect([queryByTestId('verify-wait'), (getByLabelText('E-mail') as HTMLInputElement).value]).toEqual([
      null,
      'anna@example.org',
    ])
  })

  it('is led back to the form when the password is another one by now', async () => {
    const { look, findByText, queryByTestId } = await waiting()
    vi.mocked(auth.login).mockRejectedValue(new ProblemError(401, 'wrong-credentials', ''))
    look()
    await findByText('The e-mail or the password is not right. Check both and try again.')
    expect(queryByTestId('verify-wait')).toBeNull()
  })
})
