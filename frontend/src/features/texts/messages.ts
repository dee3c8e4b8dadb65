import type { MessageLoader } from '@/lib/locale'
import type en from './locales/en'

type Messages = typeof en
declare module 'vue-i18n' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- vue-i18n's documented way to type keys
  export interface DefineLocaleMessage extends Messages {}
}

export const messages: MessageLoader = { en: () => import('./locales/en'), ru: () => import('./locales/ru') }
