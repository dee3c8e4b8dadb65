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
import { storedTheme } from './useThemeChoice'
import { watchSession } from './watchSession'
import { useSession } from '@/features/auth'
import './tokens.css'
import './main.css'

const asked = new URLSearchParams(location.search).get('lang')
const locale = isLocale(asked) ? asked : preferredLocale()
const i18n = makeI18n(locale)
applyLocale(i18n, locale)
const vuetify = makeVuetify(locale, storedTheme())
watch(i18n.global.locale, (next) => (vuetify.locale.current.value = next))

const router = makeRouter(i18n)
watchForBrokenPages(router)
const app = createApp(App).use(createPinia()).use(PiniaColada, COLADA).use(i18n).use(vuetify)
configureApi({ locale: () => i18n.global.locale.value })
watchSession(router)
void useSession().ready()
app.use(router).mount('#app')
