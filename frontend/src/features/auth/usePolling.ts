import { onMounted, onScopeDispose, ref } from 'vue'
import { toProblem, type ProblemError } from '@/api/problem'

const FIRST_MS = 4000
const LONGEST_MS = 20_000
/** Each time a little later: what takes long is not asked for so often. */
const FACTOR = 1.15
const BUSY_MS = 60_000
/** Who has not done it by then does it another day. */
export const PATIENCE_MS = 60 * 60_000

/**
 * Ask again and again whether something has happened elsewhere, while somebody looks and for an hour at most, until it
 * has. A service that is away is asked again, a definite refusal ends it. `stopped` says that it is not asked any more,
 * `again` begins anew.
 */
export function usePolling(check: () => Promise<boolean>, refused: (problem: ProblemError) => void) {
  const stopped = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_MS
  let end = 0
  let asking = false

  async function ask(): Promise<void> {
    clearTimeout(timer)
    if (asking || stopped.value || document.visibilityState === 'hidden') return
    if (Date.now() > end) return void (stopped.value = true)
    asking = true
    try {
      if (await check()) return void (stopped.value = true)
      pause = Math.min(pause * FACTOR, LONGEST_MS)
    } catch (error) {
      const problem = toProblem(error)
      if (!problem.transient) {
        stopped.value = true
        return refused(problem)
      }
      pause = problem.status === 429 ? BUSY_MS : LONGEST_MS
    } finally {
      asking = false
    }
    if (!disposed) timer = setTimeout(() => void ask(), pause)
  }

  function again(): Promise<void> {
    stopped.value = false
    pause = FIRST_MS
    end = Date.now() + PATIENCE_MS
    return ask()
  }

  let disposed = false
  const look = () => void ask()
  onMounted(() => {
    end = Date.now() + PATIENCE_MS
    timer = setTimeout(look, pause)
    window.addEventListener('focus', look)
    document.addEventListener('visibilitychange', look)
  })
  onScopeDispose(() => {
    disposed = true
    stopped.value = true
    clearTimeout(timer)
    window.removeEventListener('focus', look)
    document.removeEventListener('visibilitychange', look)
  })
  return { stopped, again }
}
