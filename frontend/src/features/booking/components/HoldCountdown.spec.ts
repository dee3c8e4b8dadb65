import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { show } from '@/testing/render'
import HoldCountdown from './HoldCountdown.vue'

const until = '2026-11-23T10:15:00Z'

describe('HoldCountdown', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-23T10:00:28Z') }))
  afterEach(() => vi.useRealTimers())
  const pass = async (seconds: number) => {
    vi.advanceTimersByTime(seconds * 1000)
    await nextTick()
  }

  it('counts to the server’s deadline and says what happens then', async () => {
    const { getByRole, getByText } = await show(HoldCountdown, { props: { until } })
    expect(getByRole('timer').textContent).toContain('14:32')
    getByText('When the time ends, the seats go back to everyone and nothing is charged.')
    await pass(33)
    expect(getByRole('timer').textContent).toContain('13:59')
  })

  it('tells a screen reader whole minutes, in the right form', async () => {
    const { getByText } = await show(HoldCountdown, { props: { until }, locale: 'ru' })
    getByText('На оплату осталось 15 минут')
    await pass(13 * 60)
    getByText('На оплату осталось 2 минуты')
  })

  it('ends once, at zero, and stays there', async () => {
    const { emitted, getByRole, getByText } = await show(HoldCountdown, { props: { until } })
    await pass(14 * 60 + 40)
    expect(emitted('end')).toHaveLength(1)
    expect(getByRole('timer').textContent).toContain('0:00')
    getByText('The hold has ended')
    await pass(60)
    expect(emitted('end')).toHaveLength(1)
  })

  it('a hold that ended before the page opened is over at once', async () => {
    const { getByText } = await show(HoldCountdown, { props: { until: '2026-11-23T09:00:00Z' } })
    getByText('The hold has ended')
  })
})
