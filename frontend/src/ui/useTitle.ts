import { watchEffect } from 'vue'

/** The document's title, following language and data. */
export function useTitle(title: () => string): void {
  watchEffect(() => {
    const own = title()
    document.title = own ? `${own} · Mesto` : 'Mesto'
  })
}
