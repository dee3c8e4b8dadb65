import { shallowRef } from 'vue'
import type { Router } from 'vue-router'
import { toProblem, type ProblemError } from '@/api/problem'

/** A page whose parts did not come: offline, or a release has taken them away. */
export interface BrokenPage {
  problem: ProblemError
  address: string
}

const RELOADED = 'mesto.reloaded'
/** So long after a reload for a new release another one would only go round in circles. */
const PAUSE_MS = 60_000
const broken = shallowRef<BrokenPage | null>(null)

export function useBrokenPage() {
  return broken
}

/** Whether the parts of a page could not be fetched, as opposed to a fault of its own. */
function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|module script|preload CSS|Failed to fetch/i.test(error.message)
  )
}

/**
 * What clicks lead to when parts are missing: after a release the address is loaded anew, once; without a
 * connection, or when that did not help, the page says so and offers to try again.
 */
export function watchForBrokenPages(
  router: Router,
  reload: (address: string) => void = (address) => location.assign(address),
): void {
  router.onError((error: unknown, to) => {
    const last = Number(sessionStorage.getItem(RELOADED)) || 0
    if (isMissingPart(error) && navigator.onLine && Date.now() - last > PAUSE_MS) {
      sessionStorage.setItem(RELOADED, String(Date.now()))
      return reload(router.resolve(to).href)
    }
    broken.value = { problem: toProblem(error), address: to.fullPath }
  })
  router.afterEach((_to, _from, failure) => {
    if (!failure) broken.value = null
  })
}
