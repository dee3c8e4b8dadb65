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
vi.stubGlobal('IntersectionObserver', Observer)
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
