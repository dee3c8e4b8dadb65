export type Locale = 'ru' | 'en'

export const LOCALES: readonly Locale[] = ['ru', 'en']
export const LOCALE_NAMES: Record<Locale, string> = { ru: 'Русский', en: 'English' }

export function isLocale(value: unknown): value is Locale {
  return value === 'ru' || value === 'en'
}

/** The texts of one feature, a module for each language; only the language that is read is fetched. */
export type MessageLoader = Record<Locale, () => Promise<{ default: object }>>
