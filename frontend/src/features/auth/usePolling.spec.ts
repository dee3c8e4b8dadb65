import { defineComponent, h } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import { PATIENCE_MS, usePolling } from './usePolling'

const check = vi.fn<() => Promise<boolean>>()
const refused = vi.fn()

async function polling() {
  let polled: ReturnType<typeof usePolling> | undefined
  const view = await show(defineComponent({ setup: () => ((polled = usePolling(check, refused)), () => h('i')) }))
  return { ...view, ...polled! }
}

describe('waiting for what happens elsewhere', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    check.mockReset().mockResolvedValue(false)
    refused.mockReset()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('asks every few seconds until it has happened', async () => {
    const { stopped } = await polling()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([check.mock.calls.length, stopped.value]).toEqual([2, false])
    check.mockResolvedValue(true)
    await vi.advanceTimersByTimeAsync(10_000)
    const asked = check.mock.calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect([check.mock.calls.length, stopped.value]).toEqual([asked, true])
  })

  it('asks nothing while nobody looks, and at once when somebody does again', async () => {
    await polling()
    const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(check).not.toHaveBeenCalled()
    hidden.mockReturnValue('visible')
    document.dispatchEvent(new Event('visibilitychange'))
    expect(check).toHaveBeenCalledOnce()
  })

  it('ends by itself, and begins anew when it is asked to', async () => {
    const { stopped, again } = await polling()
    await vi.advanceTimersByTimeAsync(PATIENCE_MS + 60_000)
    const asked = check.mock.calls.length
    expect(stopped.value).toBe(true)
    await again()
    expect([check.mock.calls.length, stopped.value]).toEqual([asked + 1, false])
  })

  it('ends by a refusal, but not by a service that is away or busy', async () => {
    check.mockRejectedValueOnce(new ProblemError(503, 'busy', '')).mockRejectedValueOnce(new ProblemError(429, 'x', ''))
    const { stopped } = await polling()
    await vi.advanceTimersByTimeAsync(30_000)
    expect([check.mock.calls.length, stopped.value]).toEqual([2, false])
    check.mockRejectedValueOnce(new ProblemError(401, 'wrong-credentials', ''))
    await vi.advanceTimersByTimeAsync(61_000)
    expect(refused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ slug: 'wrong-credentials' }))
    expect(stopped.value).toBe(true)
  })

  it('ends with its page', async () => {
    const { unmount } = await polling()
    unmount()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(check).not.toHaveBeenCalled()
  })
})
