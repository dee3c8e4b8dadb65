import en from './en'
import type { Locale } from '@/api/types'

/** English fixes the set of keys; Russian is typed by it, so a key missing in either fails the type check. */
export type Messages = typeof en

export const LOCALES: readonly Locale[] = ['ru', 'en']
export const LOCALE_NAMES: Record<Locale, string> = { ru: 'Русский', en: 'English' }

export function isLocale(value: unknown): value is Locale {
  return value === 'ru' || value === 'en'
}
