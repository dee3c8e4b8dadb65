import { expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { ref } from 'vue'
import { auth } from '@/api'
import { show } from '@/testing/render'
import RegisterPage from './RegisterPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { register: vi.fn(), login: vi.fn(), me: vi.fn(), logout: vi.fn() } }
})
// The verdict on a new password is on its way: what is known is of the one before.
vi.mock('@/features/auth/usePasswordStrength', async (original) => {
  const real = await original<typeof import('../usePasswordStrength')>()
  return { ...real, usePasswordStrength: () => ({ score: ref(0), judged: ref('password123') }) }
})

it('is stopped by no verdict on a password that was typed before', async () => {
  vi.mocked(auth.register).mockRejectedValue(new Error('asked'))
  const user = userEvent.setup()
  const { getByLabelText, getByTestId } = await show(RegisterPage, { at: '/register' })
  for (const [label, value] of [
    ['Name', 'Anna'],
    ['E-mail', 'anna@example.org'],
    ['Password', 'three green lamps 9'],
  ] as const) {
    await user.click(getByLabelText(label))
    await user.paste(value)
  }
  await user.click(getByTestId('register-submit'))
  await waitFor(() => expect(auth.register).toHaveBeenCalled())
})
