import { onScopeDispose, watch, type Ref } from 'vue'

/** A heading may come with its page's data; after this long the reader is elsewhere already. */
const PATIENCE_MS = 10_000
let waiting: MutationObserver | undefined
let patience: ReturnType<typeof setTimeout> | undefined

function stopWaiting(): void {
  waiting?.disconnect()
  clearTimeout(patience)
  waiting = undefined
}

function focusHeading(content: HTMLElement): boolean {
  const heading = content.querySelector<HTMLElement>('h1')
  if (!heading) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}

/**
 * Takes the keyboard and the screen reader to the heading of a page that was just opened: at once, or as soon as the
 * page has one, unless the reader has gone on meanwhile.
 */
export function focusPage(content: HTMLElement | null): void {
  stopWaiting()
  if (!content || focusHeading(content)) return
  content.focus({ preventScroll: true })
  waiting = new MutationObserver(() => {
    const on = document.activeElement
    if ((on !== content && on !== document.body) || focusHeading(content)) stopWaiting()
  })
  waiting.observe(content, { childList: true, subtree: true })
  patience = setTimeout(stopWaiting, PATIENCE_MS)
}

/** Gives the focus back to what opened a dialog once the dialog is closed, unless something else has taken it. */
export function useReturnFocus(open: Ref<boolean>): void {
  let opener: HTMLElement | null = null
  watch(
    open,
    (shown) => {
      if (shown) opener = document.activeElement instanceof HTMLElement ? document.activeElement : null
      else if (opener) giveBack(opener)
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => (opener = null))
}

function giveBack(opener: HTMLElement): void {
  const within = document.activeElement
  // The dialog still has the focus while it is leaving.
  requestAnimationFrame(() => {
    const on = document.activeElement
    if ((on === within || on === document.body || !on) && opener.isConnected) opener.focus({ preventScroll: true })
  })
}
