import type { ProblemError } from '@/api/problem'
import { uuid } from '@/lib/uuid'

/**
 * One Idempotency-Key per thing wanted: a retry after a lost answer sends the same key and can book only once,
 * a changed wish or a definite refusal starts with a new one.
 */
export function useIdempotencyKey(wish: () => string) {
  let key = ''
  let forWish = ''

  function current(): string {
    if (!key || forWish !== wish()) {
      key = uuid()
      forWish = wish()
    }
    return key
  }
  /** The service gave a definite answer: the key is used up. A transient failure keeps it. */
  function settle(problem: ProblemError): void {
    if (!problem.transient && problem.slug !== 'idempotency-in-flight') key = ''
  }
  return { key: current, settle }
}
