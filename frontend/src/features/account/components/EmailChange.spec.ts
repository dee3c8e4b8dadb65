import { defineComponent, h } from 'vue'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aUser } from '@/testing/samples'
import EmailChange from './EmailChange.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, changeEmail: vi.fn(), withdrawEmailChange: vi.fn() } }
})

/** The part of the page as it follows the session. */
const Part = defineComponent(() => () => {
  const { user } = useSession()
  return user ? h(EmailChange, { user }) : null
})
async function part(changes = {}) {
  const user = userEvent.setup()
  const view = await show(Part)
  useSession().user = aUser(changes)
  await view.findByTestId('row-email')
  return { ...view, user }
}

describe('EmailChange', () => {
  beforeEach(() => {
    for (const call of [auth.changeEmail, auth.withdrawEmailChange])
      vi.mocked(call).mockReset().mockResolvedValue(undefined)
  })

  it('asks for another address, which then waits until its link is opened', async () => {
    const { user, getByTestId, getByLabelText, findByTestId, queryByTestId } = await part()
    await user.click(getByTestId('change-email'))
    await vi.waitFor(() => expect(document.activeElement).toBe(getByLabelText('New address')))
    await user.type(getByLabelText('New address'), 'new@example.org')
    await user.click(getByTestId('new-email-submit'))
    expect((await findByTestId('row-pending')).textContent).toContain('new@example.org')
    expect(auth.changeEmail).toHaveBeenCalledExactlyOnceWith('new@example.org')
    expect(getByTestId('row-email').textContent).toContain('anna@example.org')
    expect(queryByTestId('new-email')).toBeNull()
    await vi.waitFor(() => expect(document.activeElement).toBe(getByTestId('change-email')))
  })

  it('withdraws it, and says when that did not work', async () => {
    vi.mocked(auth.withdrawEmailChange).mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
    const { user, getByTestId, findByTestId, queryByTestId } = await part({ pending_email: 'new@example.org' })
    await user.click(getByTestId('withdraw-email'))
    await findByTestId('problem')
    expect(getByTestId('row-pending').textContent).toContain('new@example.org')
    await user.click(getByTestId('withdraw-email'))
    await vi.waitFor(() => expect(queryByTestId('row-pending')).toBeNull())
    expect(useSession().user?.pending_email).toBeNull()
  })

  it('says at the field why an address will not do', async () => {
    const same = new ProblemError(422, 'invalid-request', '', '', [{ field: 'email', message: 'It is yours.' }])
    vi.mocked(auth.changeEmail).mockRejectedValue(same)
    const { user, getByTestId, getByLabelText, findByText, queryByTestId } = await part()
    await user.click(getByTestId('change-email'))
    await user.type(getByLabelText('New address'), 'anna@example.org')
    await user.click(getByTestId('new-email-submit'))
    await findByText('It is yours.')
    expect([queryByTestId('row-pending'), queryByTestId('problem')]).toEqual([null, null])
  })

  it('lets an address be verified that is not yet', async () => {
    const { getByTestId } = await part({ email_verified: false })
    getByTestId('verify-again')
  })
})
