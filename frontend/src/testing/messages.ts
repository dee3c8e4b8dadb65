import { makeI18n } from '@/app/i18n'
import type { Locale } from '@/lib/locale'

const files = import.meta.glob<{ default: object }>('/src/**/locales/{ru,en}.ts', { eager: true })

/** Return the texts of the whole app in one language, whatever page they belong to. */
export function allMessages(locale: Locale): object {
  const own = Object.entries(files).filter(([path]) => path.endsWith(`/${locale}.ts`))
  return Object.assign({}, ...own.map(([, module]) => module.default))
}

/** Make the app's i18n with the texts of all features there from the start. */
export function wholeI18n(locale: Locale) {
  const i18n = makeI18n(locale)
  i18n.global.mergeLocaleMessage(locale, allMessages(locale))
  return i18n
}
