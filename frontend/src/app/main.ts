import { createApp, watch } from 'vue'
import { createPinia } from 'pinia'
import { PiniaColada } from '@pinia/colada'
import '@fontsource-variable/golos-text'
import App from './App.vue'
import { configureApi } from '@/api/http'
import { isLocale } from '@/lib/locale'
import { COLADA } from '@/lib/queries'
import { watchForBrokenPages } from './useBrokenPage'
import { applyLocale, makeI18n, preferredLocale } from './i18n'
import { makeVuetify } from './theme'
import { makeRouter } from './router'
import { useSession, watchOtherTabs } from '@/features/auth'
import './tokens.css'
import './main.css'

const asked = new URLSearchParams(location.search).get('lang')
const locale = isLocale(asked) ? asked : preferredLocale()
const i18n = makeI18n(locale)
applyLocale(i18n, locale)
const vuetify = makeVuetify(locale)
watch(i18n.global.locale, (next) => (vuetify.locale.current.value = next))

const router = makeRouter(i18n)
watchForBrokenPages(router)
const app = createApp(App).use(createPinia()).use(PiniaColada, COLADA).use(i18n).use(vuetify)
const session = useSession()
function signedOut(expired?: '1'): void {
  session.forget()
  const here = router.currentRoute.value
  if (here.meta.role) void router.replace({ name: 'login', query: { next: here.fullPath, expired } })
}
/** This tab goes on as whoever signed in in another one, if they may see the page that is open. */
function otherAccount(): void {
  void session.takeOver()
  const { path, query, hash } = router.currentRoute.value
  router.replace({ path, query, hash, force: true }).catch(() => undefined)
}
configureApi({
  locale: () => i18n.global.locale.value,
  onSignedOut: () => signedOut('1'),
  onOtherAccount: otherAccount,
})
watchOtherTabs(
  () => session.signedIn && signedOut(),
  (id) => session.user && session.user.id !== id && otherAccount(),
)
void session.ready()
app.use(router).mount('#app')
