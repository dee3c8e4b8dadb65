import { describe, expect, it, vi } from 'vitest'
import { ProblemError } from '@/api/problem'
import { show } from '@/testing/render'
import ProblemAlert from './ProblemAlert.vue'

const alert = (problem: ProblemError, retry = true) => show(ProblemAlert, { props: { problem, retry } })

describe('ProblemAlert', () => {
  it.each(['online', 'focus'])('tries again by itself: %s', async (event) => {
    const onRetry = vi.fn()
    const { unmount } = await show(ProblemAlert, {
      props: { problem: new ProblemError(0, 'offline', ''), retry: true, onRetry },
    })
    window.dispatchEvent(new Event(event))
    expect(onRetry).toHaveBeenCalledOnce()
    unmount()
    window.dispatchEvent(new Event(event))
    expect(onRetry).toHaveBeenCalledOnce()
  })

  it('does not where it would not help, or was not offered', async () => {
    const [refused, form] = [
      await alert(new ProblemError(403, 'forbidden', '')),
      await alert(new ProblemError(503, 'busy', ''), false),
    ]
    window.dispatchEvent(new Event('online'))
    expect([refused.emitted('retry'), form.emitted('retry')]).toEqual([undefined, undefined])
  })

  it('names the request only where the sentence does not say all', async () => {
    const shown = async (status: number, slug: string) => {
      const { queryByText, unmount } = await alert(new ProblemError(status, slug, 'x', 'req-7'))
      const found = queryByText('Request req-7') !== null
      unmount()
      return found
    }
    expect([
      await shown(409, 'no-capacity'),
      await shown(401, 'wrong-credentials'),
      await shown(500, 'internal'),
      await shown(418, 'unheard-of'),
    ]).toEqual([false, false, true, true])
  })
})
