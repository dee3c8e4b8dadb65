import { createRouter, createWebHistory, type RouterHistory } from 'vue-router'
import { isLocale } from '@/ui/locales'
import { applyLocale, type MestoI18n } from '@/app/i18n'
import { useSession } from '@/features/auth/session.store'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only with a session: others are sent to sign in and come back. */
    private?: boolean
    /** The page uses the whole width (list beside map). */
    wide?: boolean
  }
}

/** An address inside the app, or `/`: `next` comes from the URL, so it may not lead elsewhere. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}

/** Until the page is that high, or will not be: what came before Back or a reload is drawn anew a moment after the route. */
async function tallEnough(pixels: number): Promise<void> {
  const end = performance.now() + 3000
  while (document.documentElement.scrollHeight < pixels && performance.now() < end)
    await new Promise(requestAnimationFrame)
}

export function makeRouter(i18n: MestoI18n, history: RouterHistory = createWebHistory()) {
  const router = createRouter({
    history,
    routes: [
      {
        path: '/',
        name: 'search',
        component: () => import('@/features/search/pages/SearchPage.vue'),
        meta: { wide: true },
      },
      { path: '/spaces/:slug', name: 'space', component: () => import('@/features/space/pages/SpacePage.vue') },
      {
        path: '/bookings',
        name: 'bookings',
        component: () => import('@/features/account/pages/BookingsPage.vue'),
        meta: { private: true },
      },
      {
        path: '/bookings/:id',
        name: 'booking',
        component: () => import('@/features/booking/pages/BookingPage.vue'),
        meta: { private: true },
      },
      { path: '/login', name: 'login', component: () => import('@/features/auth/pages/LoginPage.vue') },
      { path: '/register', name: 'register', component: () => import('@/features/auth/pages/RegisterPage.vue') },
      { path: '/verify', name: 'verify', component: () => import('@/features/auth/pages/VerifyPage.vue') },
      { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/app/pages/NotFoundPage.vue') },
    ],
    async scrollBehavior(to, from, saved) {
      if (saved) return (await tallEnough(saved.top + window.innerHeight), saved)
      return to.path === from.path && from.matched.length ? undefined : { top: 0 }
    },
  })

  // The language is part of every address, so that a shared link reads as its sender saw it.
  router.beforeEach((to) => {
    const asked = to.query.lang
    // Not `replace`: the redirect goes on as what it was, so that Back finds the page before it.
    if (!isLocale(asked))
      return { path: to.path, hash: to.hash, query: { ...to.query, lang: i18n.global.locale.value } }
    if (asked !== i18n.global.locale.value) applyLocale(i18n, asked)
    return true
  })

  router.beforeEach(async (to) => {
    const asksToSignIn = (to.name === 'login' || to.name === 'register') && to.query.next !== undefined
    if (!to.meta.private && !asksToSignIn) return true
    const session = useSession()
    await session.ready()
    // Who is signed in already goes on to where signing in would have led.
    if (asksToSignIn) return session.user ? safeNext(to.query.next) : true
    if (session.user) return true
    // While auth is away nobody is taken for a stranger: the page says that it did not load, and tries again.
    if (session.away) throw session.away
    return { name: 'login', query: { lang: to.query.lang, next: to.fullPath } }
  })
  return router
}
