import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aUser } from '@/testing/samples'
import PasswordChange from './PasswordChange.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, changePassword: vi.fn() } }
})
const GOOD = 'three green lamps 9'

async function filled(current: string, next: string, repeated = next) {
  const user = userEvent.setup()
  const changed = vi.fn()
  const view = await show(PasswordChange, { props: { onChanged: changed } })
  useSession().user = aUser()
  await user.click(view.getByTestId('change-password'))
  for (const [label, value] of [
    ['Current password', current],
    ['New password', next],
    ['New password once more', repeated],
  ] as const) {
    await user.click(view.getByLabelText(label))
    await user.paste(value)
  }
  await vi.waitFor(() => view.getByTestId('strength'), { timeout: 5000 })
  await user.click(view.getByTestId('password-submit'))
  return { ...view, changed }
}

describe('PasswordChange', () => {
  beforeEach(() => void vi.mocked(auth.changePassword).mockReset().mockResolvedValue(undefined))

  it('changes the password, keeps nothing of it, and tells that other sessions have ended', async () => {
    const { changed, queryByTestId } = await filled('secret', GOOD)
    expect(auth.changePassword).toHaveBeenCalledExactlyOnceWith('secret', GOOD)
    await vi.waitFor(() => expect(queryByTestId('password-form')).toBeNull())
    expect(changed).toHaveBeenCalledOnce()
    await vi.waitFor(() => expect(document.activeElement).toBe(queryByTestId('change-password')))
  })

  it.each([
    ['wrong-password', 'current', 'This is not', 'Current password'],
    ['weak-password', 'new', 'This password is too easy to guess. Take four words', 'New password'],
  ])('says at the field what the service found: %s', async (slug, field, sentence, label) => {
    const problem = new ProblemError(422, slug, '', '', [{ field, message: 'x' }])
    vi.mocked(auth.changePassword).mockRejectedValue(problem)
    const { changed, findByText, getByLabelText, queryByTestId } = await filled('secret', GOOD)
    const told = await findByText(new RegExp(sentence))
    expect(told.closest('.v-input')?.contains(getByLabelText(label))).toBe(true)
    await vi.waitFor(() => expect(document.activeElement).toBe(getByLabelText(label)))
    expect([queryByTestId('problem'), changed.mock.calls]).toEqual([null, []])
  })

  it('sends nothing that is weak, short or not the same twice', async () => {
    const { findByText, getAllByText } = await filled('secret', 'password123', 'password124')
    await findByText('This password is too easy to guess. Make it longer or less common.')
    getAllByText('This is not the same password.')
    expect(auth.changePassword).not.toHaveBeenCalled()
  })
})
