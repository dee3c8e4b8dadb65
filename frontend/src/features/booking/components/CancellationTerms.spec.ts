import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Settings } from 'luxon'
import { refundSteps } from '@/lib/money'
import { show } from '@/testing/render'
import CancellationTerms from './CancellationTerms.vue'

const tiers = [
  { before_minutes: 120, refund_percent: 50 },
  { before_minutes: 1440, refund_percent: 100 },
]
const start = '2026-11-28T12:00:00+03:00'

async function lines(at: string, rules = tiers, more: object = {}) {
  vi.setSystemTime(new Date(at))
  const { getByTestId, unmount } = await show(CancellationTerms, {
    at: '/?lang=en',
    props: { steps: refundSteps(rules, start), zone: 'Europe/Moscow', ...more },
  })
  const said = [...getByTestId('cancellation-terms').querySelectorAll('li')].map((line) => line.textContent)
  unmount()
  return said
}

describe('CancellationTerms', () => {
  beforeEach(() => {
    Settings.defaultZone = 'Europe/Moscow'
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterEach(() => {
    Settings.defaultZone = 'system'
    vi.useRealTimers()
  })

  it('says until when, by the venue’s clock', async () => {
    expect(await lines('2026-11-20T10:00:00Z')).toEqual([
      'Free to cancel until Fri, Nov 27, 12:00.',
      'Then 50 % back until Sat, Nov 28, 10:00.',
      'After that nothing is given back.',
    ])
  })
  it('leaves out what is over', async () => {
    expect(await lines('2026-11-27T20:00:00Z')).toEqual([
      '50 % back until Sat, Nov 28, 10:00.',
      'After that nothing is given back.',
    ])
  })
  it('says whose clock it is where the reader’s shows another time', async () => {
    Settings.defaultZone = 'Pacific/Honolulu'
    expect(await lines('2026-11-27T20:00:00Z')).toContain('50 % back until Sat, Nov 28, 10:00 (Moscow time).')
  })
  it('says of a request that all comes back until its answer', async () => {
    expect(await lines('2026-11-27T20:00:00Z', tiers, { asks: true })).toEqual([
      'Until the owner answers, everything comes back.',
      'Once the owner has agreed:',
      '50 % back until Sat, Nov 28, 10:00.',
      'After that nothing is given back.',
    ])
  })
  it('says that nothing is given back', async () => {
    expect(await lines('2026-11-28T08:00:00Z')).toEqual(['Cancelled, nothing is given back.'])
    expect(await lines('2026-11-20T08:00:00Z', [])).toEqual(['Cancelled, nothing is given back.'])
  })
})
