import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { screen, within } from '@testing-library/vue'
import { auth } from '@/api'
import { getAccessToken, setAccessToken } from '@/api/http'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { askToStepUp } from '../stepUp'
import StepUpDialog from './StepUpDialog.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, stepUp: vi.fn() } }
})

async function asked() {
  const user = userEvent.setup()
  setAccessToken('old')
  await show(StepUpDialog)
  const answers = [askToStepUp(), askToStepUp()]
  const box = within(await screen.findByTestId('step-up'))
  return { user, box, answer: Promise.all(answers) }
}

describe('StepUpDialog', () => {
  beforeEach(() => void vi.mocked(auth.stepUp).mockReset())

  it('asks once for all that want a proof, and takes the token that comes with it', async () => {
    vi.mocked(auth.stepUp).mockResolvedValue({ access_token: 'proven', token_type: 'bearer', expires_in: 600 })
    const { user, box, answer } = await asked()
    await user.type(box.getByLabelText('Password'), 'secret')
    await user.click(box.getByTestId('step-up-submit'))
    expect(await answer).toEqual([true, true])
    expect([vi.mocked(auth.stepUp).mock.calls, getAccessToken()]).toEqual([[['secret']], 'proven'])
  })

  it('says at the field that the password is another one, and gives up when it is left', async () => {
    const wrong = new ProblemError(422, 'wrong-password', '', '', [{ field: 'password', message: 'x' }])
    vi.mocked(auth.stepUp).mockRejectedValue(wrong)
    const { user, box, answer } = await asked()
    await user.type(box.getByLabelText('Password'), 'wrong')
    await user.click(box.getByTestId('step-up-submit'))
    await box.findByText('This is not the current password. Check it and try again.')
    await user.click(box.getByText('Leave it'))
    expect(await answer).toEqual([false, false])
    expect(getAccessToken()).toBe('old')
  })
})
