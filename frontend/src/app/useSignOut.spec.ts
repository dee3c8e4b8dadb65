import { beforeEach, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aUser } from '@/testing/samples'
import { useToast } from '@/ui/useToast'
import AccountMenu from './layouts/AccountMenu.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, logout: vi.fn() } }
})

beforeEach(() => vi.mocked(auth.logout).mockReset())

it('tells that it failed, and not that it is done; and offers to do it again', async () => {
  const user = userEvent.setup()
  const { findByTestId } = await show(AccountMenu, { at: '/verify' })
  const [session, toast] = [useSession(), useToast()]
  session.user = aUser()
  vi.mocked(auth.logout).mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
  await user.click(await findByTestId('account-menu'))
  await user.click(await findByTestId('sign-out'))
  await vi.waitFor(() => expect(toast.message.value).toBe('You are still signed in: Mesto did not answer.'))
  expect([session.signedIn, toast.timeout.value]).toEqual([true, -1])
  toast.act()
  await vi.waitFor(() => expect(toast.message.value).toBe('You are signed out.'))
  expect([session.signedIn, toast.action.value]).toEqual([false, null])
  expect(auth.logout).toHaveBeenCalledTimes(2)
})
