import { onActivated, onDeactivated, onScopeDispose, shallowRef, watchEffect } from 'vue'

/** The title of the page in sight, where it knows more than its route does. */
const own = shallowRef<(() => string) | null>(null)

/** Give the document the title of this page, following language and data, for as long as the page is in sight. */
export function useTitle(title: () => string): void {
  const set = () => void (own.value = title)
  const clear = () => {
    if (own.value === title) own.value = null
  }
  set()
  onActivated(set)
  onDeactivated(clear)
  onScopeDispose(clear)
}

/** Give the document a description for those who list it, for as long as this page is in sight; empty: none. */
export function useDescription(description: () => string): void {
  const meta = document.createElement('meta')
  meta.name = 'description'
  watchEffect(() => {
    meta.content = description()
    if (meta.content) document.head.append(meta)
    else meta.remove()
  })
  onScopeDispose(() => meta.remove())
}

/** Keep the document's title: the page's own, else `ofRoute`, else the name of the site. Called once, by the app. */
export function useDocumentTitle(ofRoute: () => string): void {
  watchEffect(() => {
    const title = own.value?.() || ofRoute()
    document.title = title ? `${title} · Mesto` : 'Mesto'
  })
}
