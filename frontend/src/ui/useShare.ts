import { useI18n } from 'vue-i18n'
import { useToast } from './useToast'

/** Share the page that is open: by the system's own sheet where asked for and there is one, else as a copied link. */
export function useShare() {
  const { t, locale } = useI18n()
  const toast = useToast()
  return async function share(title: string, bySystem: boolean): Promise<void> {
    const url = `${location.origin}${location.pathname}?lang=${locale.value}`
    try {
      if (bySystem && 'share' in navigator) return await navigator.share({ title, url })
      await navigator.clipboard.writeText(url)
      toast.say(t('share.copied'))
    } catch (error) {
      // The reader closing the system's sheet is no failure.
      if (!(error instanceof DOMException && error.name === 'AbortError')) toast.say(t('share.failed'))
    }
  }
}
