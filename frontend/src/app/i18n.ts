import { createI18n, type DefineLocaleMessage } from 'vue-i18n'
import type { Locale, MessageLoader } from '@/lib/locale'
import { isLocale } from '@/lib/locale'
import uiEn from '@/ui/locales/en'
import uiRu from '@/ui/locales/ru'
import en from './locales/en'
import ru from './locales/ru'

type Messages = typeof en & typeof uiEn
declare module 'vue-i18n' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- vue-i18n's documented way to type keys
  export interface DefineLocaleMessage extends Messages {}
}

const STORED = 'mesto.locale'
const russian = new Intl.PluralRules('ru')
const FORMS: Partial<Record<Intl.LDMLPluralRule, number>> = { one: 0, few: 1, many: 2, other: 2 }

/** Return the index of the Russian form of a message with three: `место | места | мест`. */
export function russianPlural(choice: number, choices: number): number {
  return Math.min(FORMS[russian.select(Math.abs(choice))] ?? 2, choices - 1)
}

/** Return the language last chosen here, else the system's, else English. */
export function preferredLocale(): Locale {
  const stored = safely(() => localStorage.getItem(STORED))
  if (isLocale(stored)) return stored
  return navigator.languages.some((tag) => /^(ru|be|uk|kk)\b/i.test(tag)) ? 'ru' : 'en'
}

/** Make the app's i18n with the texts that every page needs; those of features come with their pages. */
export function makeI18n(locale: Locale) {
  const common = { ru: { ...uiRu, ...ru }, en: { ...uiEn, ...en } } as Record<Locale, DefineLocaleMessage>
  return createI18n<[DefineLocaleMessage], Locale, false>({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages: common,
    pluralRules: { ru: russianPlural },
    missingWarn: import.meta.env.DEV,
    fallbackWarn: import.meta.env.DEV,
  })
}
export type MestoI18n = ReturnType<typeof makeI18n>

const fetched = new WeakMap<MestoI18n, Map<MessageLoader, Map<Locale, Promise<void>>>>()

/**
 * Fetch the texts of `loaders`, and of everything that was fetched before, in `locale`; what is there already is not
 * fetched again. Rejects when a part cannot be fetched, and then asks anew the next time.
 */
export async function loadMessages(i18n: MestoI18n, loaders: readonly MessageLoader[], locale: Locale): Promise<void> {
  const known = fetched.get(i18n) ?? new Map<MessageLoader, Map<Locale, Promise<void>>>()
  fetched.set(i18n, known)
  for (const loader of loaders) if (!known.has(loader)) known.set(loader, new Map())
  await Promise.all([...known].map(([loader, languages]) => fetchOnce(i18n, loader, languages, locale)))
}

function fetchOnce(i18n: MestoI18n, loader: MessageLoader, languages: Map<Locale, Promise<void>>, locale: Locale) {
  const under = languages.get(locale)
  if (under) return under
  const fetching = loader[locale]().then(
    (module) => i18n.global.mergeLocaleMessage(locale, module.default),
    (error: unknown) => {
      languages.delete(locale)
      throw error
    },
  )
  languages.set(locale, fetching)
  return fetching
}

export function applyLocale(i18n: MestoI18n, locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  safely(() => localStorage.setItem(STORED, locale))
}

/** Storage may be forbidden (private windows): then the choice lives in the URL only. */
function safely<T>(action: () => T): T | null {
  try {
    return action()
  } catch {
    return null
  }
}
