import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { isLocale } from '@/lib/locale'
import { texts } from './locales'

/** The texts of the pages of pieces in the language of the address. */
export function useTexts() {
  const { locale } = useI18n()
  return computed(() => texts[isLocale(locale.value) ? locale.value : 'en'])
}
