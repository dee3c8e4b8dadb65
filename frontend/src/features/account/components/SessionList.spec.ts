import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import userEvent from '@testing-library/user-event'
import { within } from '@testing-library/vue'
import { Settings } from 'luxon'
import { auth, type DeviceSession } from '@/api'
import { ProblemError } from '@/api/problem'
import type { Locale } from '@/lib/locale'
import { show } from '@/testing/render'
import { useToast } from '@/ui/useToast'
import SessionList from './SessionList.vue'

vi.mock('@/api', async (original) => {
  const real = await original<typeof import('@/api')>()
  return { ...real, auth: { ...real.auth, sessions: vi.fn(), endSession: vi.fn(), endOtherSessions: vi.fn() } }
})
const NOW = '2026-11-30T12:00:00Z'
function aSession(changes: Partial<DeviceSession> = {}): DeviceSession {
  return {
    id: 'here',
    device: 'Chrome, macOS',
    device_kind: 'computer',
    place: 'Moscow',
    signed_in_at: '2026-11-01T12:00:00Z',
    last_seen_at: NOW,
    expires_at: '2026-12-30T12:00:00Z',
    current: true,
    ...changes,
  }
}
const here = aSession()
const phone = aSession({ id: 'phone', device: 'Safari, iPhone', current: false, last_seen_at: '2026-11-30T11:48:00Z' })
const short = aSession({
  id: 'short',
  device: '',
  place: null,
  current: false,
  last_seen_at: '2026-11-29T06:20:00Z',
  expires_at: '2026-11-30T18:02:00Z',
})
const listed = (...sessions: DeviceSession[]) => vi.mocked(auth.sessions).mockResolvedValue(sessions)

async function list(locale: Locale = 'en') {
  const user = userEvent.setup()
  const view = await show(SessionList, { locale })
  await view.findAllByTestId('item')
  const rows = () => view.getAllByTestId('item').map((row) => row.textContent?.replace(/\s+/g, ' ').trim())
  const dialog = () => within(document.querySelector<HTMLElement>('[data-testid=confirm-dialog]')!)
  return { ...view, user, rows, dialog }
}

describe('SessionList', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date(NOW), toFake: ['Date'] })
    for (const call of [auth.endSession, auth.endOtherSessions]) vi.mocked(call).mockReset()
    listed(here, phone, short)
    Settings.defaultZone = 'Europe/Moscow'
  })
  afterEach(() => {
    Settings.defaultZone = 'system'
    vi.useRealTimers()
  })

  it('says of each where and when, which is this one, and which ends soon', async () => {
    const { rows } = await list()
    expect(rows()).toEqual([
      'Chrome, macOS, this oneMoscow, now',
      'Safari, iPhoneMoscow, 12 minutes agoEnd session',
      'Unknown deviceSun, Nov 29, 09:20. Ends by itself Mon, Nov 30, 21:02End session',
    ])
  })

  it('ends one, having named what that means', async () => {
    const { user, rows, dialog, getAllByTestId } = await list()
    await user.click(getAllByTestId('end-session')[0]!)
    dialog().getByText('End the session on Safari, iPhone?')
    dialog().getByText(/Whoever is signed in there has to sign in again/)
    expect(auth.endSession).not.toHaveBeenCalled()
    listed(here, short)
    await user.click(dialog().getByTestId('confirm'))
    await vi.waitFor(() => expect(rows()).toHaveLength(2))
    expect(auth.endSession).toHaveBeenCalledExactlyOnceWith('phone')
    expect(useToast().message.value).toBe('The session on Safari, iPhone is ended.')
    await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('Where you are signed in'))
  })

  it.each([
    ['en', 'End 2 other sessions'],
    ['ru', 'Завершить 2 других сеанса'],
  ] as const)('ends all others, with their number: %s', async (locale, words) => {
    const { user, rows, dialog, getByTestId, queryByTestId } = await list(locale)
    expect(getByTestId('end-others').textContent).toBe(words)
    await user.click(getByTestId('end-others'))
    dialog().getByText(`${words}?`)
    listed(here)
    await user.click(dialog().getByTestId('confirm'))
    await vi.waitFor(() => expect(rows()).toHaveLength(1))
    expect(auth.endOtherSessions).toHaveBeenCalledOnce()
    expect(queryByTestId('end-others')).toBeNull()
    getByTestId('only-here')
  })

  it('says in the dialog when it failed, and takes a session that is over already for ended', async () => {
    vi.mocked(auth.endSession)
      .mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
      .mockRejectedValueOnce(new ProblemError(404, 'not-found', ''))
    const { user, rows, dialog, getAllByTestId } = await list()
    await user.click(getAllByTestId('end-session')[0]!)
    await user.click(dialog().getByTestId('confirm'))
    await dialog().findByTestId('problem')
    expect(rows()).toHaveLength(3)
    listed(here, short)
    await user.click(dialog().getByTestId('confirm'))
    await vi.waitFor(() => expect(rows()).toHaveLength(2))
  })

  it('offers to ask again when the list did not come', async () => {
    vi.mocked(auth.sessions).mockRejectedValueOnce(new ProblemError(503, 'busy', ''))
    const user = userEvent.setup()
    const { findByText, findAllByTestId } = await show(SessionList)
    await user.click(await findByText('Try again'))
    expect(await findAllByTestId('item')).toHaveLength(3)
  })
})
