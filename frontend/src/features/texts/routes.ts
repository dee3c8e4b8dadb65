import type { RouteRecordRaw } from 'vue-router'
import type { TextName } from '@/api'
import { messages } from './messages'

/** Where each text is read. */
export const PATHS: Record<TextName, string> = {
  help: '/help',
  terms: '/terms',
  privacy: '/privacy',
  owner_terms: '/owner-terms',
  about: '/about',
}

const page = () => import('./pages/TextPage.vue')

/** The page's own title is the text's first heading. */
export const routes: RouteRecordRaw[] = [
  ...Object.entries(PATHS).map(([name, path]) => ({
    path,
    name: `text-${name}`,
    component: page,
    props: { name },
    meta: { layout: 'public', title: '', messages: [messages] } as const,
  })),
  // By its name on the wire a text is found, too; what is none is for the page that says so.
  ...Object.entries(PATHS).map(([name, path]) => ({
    path: `/texts/${name}`,
    redirect: ({ query, hash }: { query: object; hash: string }) => ({ path, query: { ...query }, hash }),
  })),
]
