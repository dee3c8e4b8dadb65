import { describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import LoginPage from './LoginPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { login: vi.fn(), me: vi.fn() } }
})

describe('LoginPage', () => {
  it('forgets a refusal once the form is another', async () => {
    vi.mocked(auth.login).mockRejectedValue(new ProblemError(401, 'wrong-credentials', ''))
    const user = userEvent.setup()
    const { getByLabelText, getByTestId, findByText, queryByTestId } = await show(LoginPage, { at: '/login' })
    await user.type(getByLabelText('E-mail'), 'anna@example.org')
    await user.type(getByLabelText('Password'), 'wrong')
    await user.click(getByTestId('login-submit'))
    await findByText('The e-mail or the password is not right. Check both and try again.')
    await user.clear(getByLabelText('Password'))
    expect(queryByTestId('problem')).toBeNull()
    await user.click(getByTestId('login-submit'))
    await findByText('Please fill this in.')
    expect(auth.login).toHaveBeenCalledOnce()
  })
})
