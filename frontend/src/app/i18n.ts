import { createI18n } from 'vue-i18n'
import type { Locale } from '@/api/types'
import { isLocale, type Messages } from '@/ui/locales'
import en from '@/ui/locales/en'
import ru from '@/ui/locales/ru'

declare module 'vue-i18n' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- vue-i18n's documented way to type keys
  export interface DefineLocaleMessage extends Messages {}
}

const STORED = 'mesto.locale'
const russian = new Intl.PluralRules('ru')
const FORMS: Partial<Record<Intl.LDMLPluralRule, number>> = { one: 0, few: 1, many: 2, other: 2 }

/** Index of the Russian form of a message with three: `место | места | мест`. */
export function russianPlural(choice: number, choices: number): number {
  return Math.min(FORMS[russian.select(Math.abs(choice))] ?? 2, choices - 1)
}

/** The language last chosen here, else the system's, else English. */
export function preferredLocale(): Locale {
  const stored = safely(() => localStorage.getItem(STORED))
  if (isLocale(stored)) return stored
  return navigator.languages.some((tag) => /^(ru|be|uk|kk)\b/i.test(tag)) ? 'ru' : 'en'
}

export function makeI18n(locale: Locale) {
  return createI18n<[Messages], Locale, false>({
    legacy: false,
    locale,
    fallbackLocale: 'en',
    messages: { ru, en },
    pluralRules: { ru: russianPlural },
    missingWarn: import.meta.env.DEV,
    fallbackWarn: import.meta.env.DEV,
  })
}
export type MestoI18n = ReturnType<typeof makeI18n>

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
