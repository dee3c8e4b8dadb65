import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { auth } from '@/api'
import { ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { show } from '@/testing/render'
import { aUser } from '@/testing/samples'
import { useToast } from '@/ui/useToast'
import ProfileForm from './ProfileForm.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, edit: vi.fn() } }
})
const anna = aUser({ name: 'Anna', phone: '+79161234567' })

async function form() {
  const user = userEvent.setup()
  const view = await show(ProfileForm, { props: { user: anna } })
  useSession().user = anna
  const write = async (label: string, value: string) => {
    await user.clear(view.getByLabelText(label))
    if (value) await user.type(view.getByLabelText(label), value)
  }
  return { ...view, user, write, save: () => user.click(view.getByText('Save profile')) }
}

describe('ProfileForm', () => {
  beforeEach(() => void vi.mocked(auth.edit).mockReset())

  it('offers to save only what was changed, and sends just that', async () => {
    const { write, save, getByTestId, queryByTestId, rerender } = await form()
    expect(queryByTestId('save-bar')).toBeNull()
    await write('Phone (optional)', '8 (916) 123-45-67')
    expect(queryByTestId('save-bar')).toBeNull() // the same number, written otherwise
    await write('Name', 'Anna B')
    await write('Phone (optional)', '')
    expect(getByTestId('save-bar').textContent).toContain('2 changes')
    const saved = { ...anna, name: 'Anna B', phone: null }
    vi.mocked(auth.edit).mockResolvedValue(saved)
    await save()
    expect(auth.edit).toHaveBeenCalledExactlyOnceWith({ name: 'Anna B', phone: null })
    expect([useSession().user, useToast().message.value]).toEqual([saved, 'Your profile is saved.'])
    await rerender({ user: saved })
    expect(queryByTestId('save-bar')).toBeNull()
  })

  it('takes the focus to what is wrong, ours or the service’s', async () => {
    const { write, save, findByText, getByLabelText } = await form()
    await write('Phone (optional)', '12')
    await save()
    await findByText('This does not look like a phone number: +7 495 123-45-67.')
    await vi.waitFor(() => expect(document.activeElement).toBe(getByLabelText('Phone (optional)')))
    await write('Phone (optional)', '')
    await write('Name', 'www.prize.example')
    const unfit = new ProblemError(422, 'unfit-name', '', '', [{ field: 'name', message: 'x' }])
    vi.mocked(auth.edit).mockRejectedValue(unfit)
    await save()
    await findByText('Write your name without links, addresses and special signs.')
    await vi.waitFor(() => expect(document.activeElement).toBe(getByLabelText('Name')))
  })

  it('goes back to what is saved', async () => {
    const { user, write, getByText, getByLabelText, queryByTestId } = await form()
    await write('Name', 'Boris')
    await user.click(getByText('Discard'))
    expect([(getByLabelText('Name') as HTMLInputElement).value, queryByTestId('save-bar')]).toEqual(['Anna', null])
  })
})
