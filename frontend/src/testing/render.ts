import { createPinia, setActivePinia } from 'pinia'
import { render, type RenderOptions } from '@testing-library/vue'
import { createMemoryHistory } from 'vue-router'
import type { Component } from 'vue'
import type { Locale } from '@/api/types'
import { applyLocale, makeI18n } from '@/app/i18n'
import { makeVuetify } from '@/app/theme'
import { makeRouter } from '@/app/router'

/** A component in the whole app's surroundings: language, theme, router at `at`, fresh stores. */
export async function show<T extends Component>(
  component: T,
  options: { locale?: Locale; at?: string; props?: object } = {},
) {
  const locale = options.locale ?? 'en'
  const i18n = makeI18n(locale)
  applyLocale(i18n, locale)
  const pinia = createPinia()
  setActivePinia(pinia)
  const router = makeRouter(i18n, createMemoryHistory())
  await router.push(`${options.at ?? '/login'}${(options.at ?? '').includes('?') ? '&' : '?'}lang=${locale}`)
  const view = render(component, {
    props: options.props,
    global: { plugins: [pinia, i18n, makeVuetify(locale), router] },
  } as RenderOptions<T>)
  return { ...view, router, i18n }
}
