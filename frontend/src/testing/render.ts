import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { PiniaColada } from '@pinia/colada'
import { render, type RenderOptions } from '@testing-library/vue'
import { createMemoryHistory } from 'vue-router'
import { createApp, type Component } from 'vue'
import { applyLocale } from '@/app/i18n'
import { makeRouter } from '@/app/router'
import { makeVuetify } from '@/app/theme'
import type { Locale } from '@/lib/locale'
import { COLADA } from '@/lib/queries'
import { useDocumentTitle } from '@/ui/useTitle'
import { wholeI18n } from './messages'

/** The app keeps the document's title; here a page is shown without the app. */
useDocumentTitle(() => '')

/** The stores and the cache of an app that shows nothing; they are the active ones from now on. */
export function freshStores(): Pinia {
  const pinia = createPinia()
  createApp({}).use(pinia).use(PiniaColada, COLADA)
  setActivePinia(pinia)
  return pinia
}

/** Show a component in the whole app's surroundings: language, theme, router at `at`, fresh stores. */
export async function show<T extends Component>(
  component: T,
  options: { locale?: Locale; at?: string; props?: object } = {},
) {
  const locale = options.locale ?? 'en'
  const i18n = wholeI18n(locale)
  applyLocale(i18n, locale)
  const pinia = freshStores()
  const router = makeRouter(i18n, createMemoryHistory())
  await router.push(`${options.at ?? '/login'}${(options.at ?? '').includes('?') ? '&' : '?'}lang=${locale}`)
  const view = render(component, {
    props: options.props,
    global: { plugins: [pinia, [PiniaColada, COLADA], i18n, makeVuetify(locale), router] },
  } as RenderOptions<T>)
  return { ...view, router, i18n }
}
