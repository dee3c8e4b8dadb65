import { defineComponent, h, ref } from 'vue'
import { waitFor } from '@testing-library/vue'
import { useQuery } from '@pinia/colada'
import { describe, expect, it } from 'vitest'
import { show } from '@/testing/render'
import { problemOf } from './queries'

/** Rejects with the signal's reason, as the API layer does, once nobody waits for it any more. */
function untilAborted(signal: AbortSignal): Promise<string> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

describe('a question that was aborted', () => {
  /** A page that asks for what is open now: the first question is answered by nobody, the next ones at once. */
  async function page() {
    const [open, calls] = [ref<string | null>('a'), ref(0)]
    const Asking = defineComponent({
      props: { of: { type: String, required: true } },
      setup(props) {
        const query = useQuery(() => ({
          key: ['answers', props.of],
          query: ({ signal }) => (++calls.value === 1 ? untilAborted(signal) : Promise.resolve('answered')),
        }))
        const problem = problemOf(query)
        return () => `${problem.value?.slug ?? 'no problem'}, ${query.data.value ?? 'no answer'}`
      },
    })
    const { container } = await show(() => (open.value ? h(Asking, { of: open.value }) : null))
    await waitFor(() => expect(calls.value).toBe(1))
    return { open, calls, container }
  }

  it('is no problem, and is asked again when it is needed next', async () => {
    const { open, calls, container } = await page()
    open.value = 'b'
    await waitFor(() => expect(container.textContent).toBe('no problem, answered'))
    open.value = 'a'
    await waitFor(() => expect(container.textContent).toBe('no problem, answered'))
    expect(calls.value).toBe(3)
  })

  it('is asked again by who needs it at once', async () => {
    const { open, calls, container } = await page()
    open.value = null
    await Promise.resolve()
    open.value = 'a'
    await waitFor(() => expect(container.textContent).toBe('no problem, answered'))
    expect(calls.value).toBe(2)
  })
})
