import { afterEach, vi } from 'vitest'
import { cleanup, configure } from '@testing-library/vue'

configure({ asyncUtilTimeout: 10_000 })

/** What jsdom lacks and Vuetify asks for. */
class Observer {
  observe(): void {
    /* nothing is laid out in jsdom */
  }
  unobserve(): void {
    /* nothing is laid out in jsdom */
  }
  disconnect(): void {
    /* nothing is laid out in jsdom */
  }
}
vi.stubGlobal('ResizeObserver', Observer)
/** Everything is in view. */
class Seen extends Observer {
  constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {
    super()
  }
  override observe(): void {
    this.tell([{ isIntersecting: true }])
  }
}
vi.stubGlobal('IntersectionObserver', Seen)
vi.stubGlobal('visualViewport', new EventTarget())
window.matchMedia ??= (query: string) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  })
window.scrollTo = () => undefined

afterEach(() => {
  cleanup()
  localStorage.clear()
})
