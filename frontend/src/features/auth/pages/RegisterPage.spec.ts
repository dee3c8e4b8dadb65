import { beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { waitFor } from '@testing-library/vue'
import { auth, texts } from '@/api'
import { ProblemError } from '@/api/problem'
import { useToast } from '@/ui/useToast'
import { show } from '@/testing/render'
import { aTextSummary, aUser } from '@/testing/samples'
import RegisterPage from './RegisterPage.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return {
    ...real,
    auth: { register: vi.fn(), login: vi.fn(), me: vi.fn(), logout: vi.fn() },
    texts: { list: vi.fn() },
  }
})

const good = {
  'Name': 'Anna',
  'E-mail': 'anna@example.org',
  'Phone (optional)': '8 916 123-45-67',
  'Password': 'three green lamps 9',
}

async function filled(values: Partial<typeof good> = {}) {
  const user = userEvent.setup()
  const view = await show(RegisterPage, { at: '/register?next=/bookings' })
  for (const [label, value] of Object.entries({ ...good, ...values })) {
    if (!value) continue
    await user.click(view.getByLabelText(label))
    await user.paste(value)
  }
  await waitFor(() => view.getByTestId('strength'), { timeout: 5000 })
  return { ...view, send: () => user.click(view.getByTestId('register-submit')) }
}

describe('RegisterPage', () => {
  beforeEach(() => {
    vi.mocked(auth.register).mockReset().mockResolvedValue(aUser())
    vi.mocked(auth.login).mockResolvedValue({ access_token: 't', token_type: 'bearer', expires_in: 600 })
    vi.mocked(auth.me).mockResolvedValue(aUser())
    vi.mocked(texts.list).mockReset().mockResolvedValue([])
  })

  it('registers, signs in and sends the phone in international form', async () => {
    const { send, router } = await filled()
    const replaced = vi.spyOn(router, 'replace').mockResolvedValue(undefined)
    await send()
    await waitFor(() => expect(replaced).toHaveBeenCalledWith('/bookings'))
    expect(auth.register).toHaveBeenCalledWith({
      email: 'anna@example.org',
      password: 'three green lamps 9',
      name: 'Anna',
      phone: '+79161234567',
      role: 'renter',
      consents: [],
    })
    expect(auth.login).toHaveBeenCalledWith('anna@example.org', 'three green lamps 9', true)
  })

  it('says on the next page that a mail was sent', async () => {
    vi.mocked(auth.me).mockResolvedValue(aUser({ email_verified: false }))
    const { send, router } = await filled()
    vi.spyOn(router, 'replace').mockResolvedValue(undefined)
    await send()
    await waitFor(() =>
      expect(useToast().message.value).toBe('We have sent a link to anna@example.org: open it to verify your address.'),
    )
  })

  it.each([
    [{ 'E-mail': 'anna@' }, 'This does not look like an e-mail address: name@example.org.'],
    [{ 'Phone (optional)': '12' }, 'This does not look like a phone number: +7 495 123-45-67.'],
    [{ Password: 'short9!' }, 'At least 10 characters.'],
    [{ Password: 'password123' }, 'This password is too easy to guess. Make it longer or less common.'],
    [{ Name: '' }, 'Please fill this in.'],
  ])('refuses %o with a sentence and sends nothing', async (values, sentence) => {
    const { send, findByText } = await filled(values as Partial<typeof good>)
    await send()
    await findByText(sentence)
    expect(auth.register).not.toHaveBeenCalled()
  })

  it.each([
    ['en', 'There is an account with this e-mail already. Sign in instead.'],
    ['ru', 'Аккаунт с этой почтой уже есть. Войдите в него.'],
  ] as const)('tells once, at the field, that the address is taken: %s', async (locale, sentence) => {
    vi.mocked(auth.register).mockRejectedValue(
      new ProblemError(409, 'email-taken', 'Taken.', 'req-7', [{ field: 'email', message: 'Taken.' }]),
    )
    const { send, i18n, findByText, queryByTestId, queryByText } = await filled()
    await send()
    i18n.global.locale.value = locale
    const told = await findByText(sentence)
    expect(told.closest('.v-input')?.querySelector('input[name=email]')).toBeTruthy()
    expect(queryByTestId('problem')).toBeNull()
    expect(queryByText('Taken.')).toBeNull()
  })

  it('shows the service’s sentence beside the field it names, and nowhere else', async () => {
    vi.mocked(auth.register).mockRejectedValue(
      new ProblemError(422, 'invalid-request', '', '', [{ field: 'email', message: 'We do not take this domain.' }]),
    )
    const { send, i18n, findByText, findAllByText, queryByText } = await filled()
    await send()
    expect(await findAllByText('We do not take this domain.')).toHaveLength(1)
    i18n.global.locale.value = 'ru'
    await findByText('Не похоже на адрес почты: name@example.org.')
    expect(queryByText('We do not take this domain.')).toBeNull()
  })

  describe('where the platform has texts to agree to', () => {
    const privacy = aTextSummary({ name: 'privacy', title: 'Personal data', version: 'ba9876543210' })
    const others = [
      aTextSummary({ name: 'help', title: 'Help', agreed: false }),
      aTextSummary({ name: 'owner_terms', title: 'Terms for owners' }),
    ]
    beforeEach(() => void vi.mocked(texts.list).mockResolvedValue([aTextSummary(), privacy, ...others]))

    it('asks for a tick for each, sends what was agreed to, and takes no tick for granted', async () => {
      const { send, findByLabelText, findAllByText, getAllByRole, router } = await filled()
      vi.spyOn(router, 'replace').mockResolvedValue(undefined)
      await findByLabelText('I agree to “Terms of use”')
      expect(getAllByRole('checkbox')).toHaveLength(2)
      await send()
      expect(await findAllByText('Read it and tick it, if you agree.')).toHaveLength(2)
      expect(auth.register).not.toHaveBeenCalled()
      const user = userEvent.setup()
      await user.click(await findByLabelText('I agree to “Terms of use”'))
      expect(await findAllByText('Read it and tick it, if you agree.')).toHaveLength(1)
      await user.click(await findByLabelText('I agree to “Personal data”'))
      await send()
      await waitFor(() => expect(auth.register).toHaveBeenCalled())
      expect(vi.mocked(auth.register).mock.calls[0]![0].consents).toEqual([
        { text: 'terms', version: '0123456789ab', page: '/register' },
        { text: 'privacy', version: 'ba9876543210', page: '/register' },
      ])
    })

    it('opens a text beside the form, and that sets no tick', async () => {
      const { findByRole, getAllByRole } = await filled()
      const link = await findByRole('link', { name: 'Terms of use' })
      expect(link.getAttribute('target')).toBe('_blank')
      expect(link.getAttribute('href')).toContain('/terms')
      link.addEventListener('click', (event) => event.preventDefault())
      await userEvent.setup().click(link)
      expect(getAllByRole('checkbox').filter((box) => (box as HTMLInputElement).checked)).toEqual([])
    })

    it('asks again for what has changed while the form was filled in', async () => {
      const now = [aTextSummary({ version: 'ffffffffffff' }), privacy]
      vi.mocked(auth.register).mockImplementationOnce(() => {
        vi.mocked(texts.list).mockResolvedValue(now)
        const fields = [{ field: 'consents', message: 'Agree to terms.' }]
        return Promise.reject(new ProblemError(422, 'consent-needed', 'Agree.', '', fields))
      })
      const { send, findByLabelText, findByTestId, getAllByRole, router } = await filled()
      vi.spyOn(router, 'replace').mockResolvedValue(undefined)
      const user = userEvent.setup()
      const tick = async () => {
        await user.click(await findByLabelText('I agree to “Terms of use”'))
        await user.click(await findByLabelText('I agree to “Personal data”'))
        await send()
      }
      await tick()
      await findByTestId('texts-changed')
      expect(getAllByRole('checkbox').filter((box) => (box as HTMLInputElement).checked)).toEqual([])
      await tick()
      await waitFor(() => expect(auth.register).toHaveBeenCalledTimes(2))
      expect(vi.mocked(auth.register).mock.calls[1]![0].consents?.[0]?.version).toBe('ffffffffffff')
    })
  })

  it('registers without texts while it is not known which there are', async () => {
    vi.mocked(texts.list).mockRejectedValue(new ProblemError(503, 'temporarily-unavailable', ''))
    const { send, router } = await filled()
    vi.spyOn(router, 'replace').mockResolvedValue(undefined)
    await send()
    await waitFor(() => expect(auth.register).toHaveBeenCalled())
  })
})
