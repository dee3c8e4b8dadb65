import {
  createRouter,
  createWebHistory,
  type RouteLocationNormalized,
  type RouteRecordRaw,
  type RouterHistory,
} from 'vue-router'
import { ProblemError } from '@/api/problem'
import { accountRoutes } from '@/features/account'
import { authRoutes, useSession } from '@/features/auth'
import { bookingRoutes } from '@/features/booking'
import { searchRoutes } from '@/features/search'
import { spaceRoutes } from '@/features/space'
import { textsRoutes } from '@/features/texts'
import { isLocale, type MessageLoader } from '@/lib/locale'
import { safeNext } from '@/lib/navigation'
import { applyLocale, loadMessages, type MestoI18n } from './i18n'

export type Layout = 'public' | 'account' | 'owner' | 'moderator' | 'none'
export type Role = 'renter' | 'owner' | 'moderator'

declare module 'vue-router' {
  interface RouteMeta {
    /** The frame around the page, one of app/layouts; `none` for samples that bring their own. */
    layout: Layout
    /** Who may open it: who is signed in (`renter`), or only accounts with that role. Absent: everybody. */
    role?: Role
    /** Key of the document's title; a page that knows more sets its own by `useTitle`. Empty: the site's name. */
    title: string
    /** The texts that the page says besides those of every page. */
    messages?: readonly MessageLoader[]
    /** The page uses the whole width (list beside map). */
    wide?: boolean
  }
}

/** Wait until the page is that high, or will not be: what was there before Back or a reload is drawn anew. */
async function tallEnough(pixels: number): Promise<void> {
  const end = performance.now() + 3000
  while (document.documentElement.scrollHeight < pixels && performance.now() < end)
    await new Promise(requestAnimationFrame)
}

const notFound = {
  path: '/:rest(.*)*',
  name: 'not-found',
  component: () => import('./pages/NotFoundPage.vue'),
  meta: { layout: 'public', title: 'notFound.title' },
} as const

/**
 * The pages of all pieces of the design system, where the developer or a test asks for them: by `npm run dev`, or by
 * this word in the session's storage. They are chunks of their own that nobody else fetches.
 */
function piecesAsked(): boolean {
  return import.meta.env.DEV || sessionStorage.getItem('mesto.pieces') === '1'
}
const pieces: RouteRecordRaw[] = [
  {
    path: '/dev/ui',
    name: 'pieces',
    component: () => import('./dev/PiecesPage.vue'),
    meta: { layout: 'public', title: '' },
  },
  {
    path: '/dev/ui/owner',
    name: 'pieces-owner',
    component: () => import('./dev/OwnerSample.vue'),
    meta: { layout: 'none', title: '' },
  },
  {
    path: '/dev/ui/moderator',
    name: 'pieces-moderator',
    component: () => import('./dev/ModeratorSample.vue'),
    meta: { layout: 'none', title: '' },
  },
]

/** Make the router of all features' pages, with what every navigation needs: language, texts, session, scroll. */
export function makeRouter(i18n: MestoI18n, history: RouterHistory = createWebHistory()) {
  const router = createRouter({
    history,
    routes: [
      ...searchRoutes,
      ...spaceRoutes,
      ...bookingRoutes,
      ...accountRoutes,
      ...authRoutes,
      ...textsRoutes,
      ...(piecesAsked() ? pieces : []),
      notFound,
    ],
    async scrollBehavior(to, from, saved) {
      if (saved) return (await tallEnough(saved.top + window.innerHeight), saved)
      return to.path === from.path && from.matched.length ? undefined : { top: 0 }
    },
  })

  // The language is part of every address, so that a shared link reads as its sender saw it.
  router.beforeEach((to) => {
    const locale = to.query.lang
    // Not `replace`: the redirect goes on as what it was, so that Back finds the page before it.
    if (!isLocale(locale))
      return { path: to.path, hash: to.hash, query: { ...to.query, lang: i18n.global.locale.value } }
    // The page's own texts come beside the page, not after it; a failure is told where they are waited for.
    loadMessages(i18n, to.meta.messages ?? [], locale).catch(() => undefined)
    return true
  })
  router.beforeEach((to) => admit(to))
  router.beforeResolve(async (to) => {
    const locale = to.query.lang
    if (!isLocale(locale)) return
    await loadMessages(i18n, to.meta.messages ?? [], locale)
    if (locale !== i18n.global.locale.value) applyLocale(i18n, locale)
  })
  return router
}

/** Let a reader in, or send them to sign in, or on to where signing in would have led. */
async function admit(to: RouteLocationNormalized) {
  const asksToSignIn = (to.name === 'login' || to.name === 'register') && to.query.next !== undefined
  if (!to.meta.role && !asksToSignIn) return true
  const session = useSession()
  await session.ready()
  // Who is signed in already goes on to where signing in would have led.
  if (asksToSignIn) return session.user ? safeNext(to.query.next) : true
  if (session.user) {
    if (to.meta.role && !session.may(to.meta.role)) throw new ProblemError(403, 'forbidden', '')
    return true
  }
  // While auth is away nobody is taken for a stranger: the page says that it did not load, and tries again.
  if (session.away) throw session.away
  return { name: 'login', query: { lang: to.query.lang, next: to.fullPath } }
}
