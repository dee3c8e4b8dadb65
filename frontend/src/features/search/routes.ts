import type { RouteRecordRaw } from 'vue-router'
import { messages } from './messages'

export const routes: RouteRecordRaw[] = [
  {
    path: '/',
    name: 'search',
    component: () => import('./pages/SearchPage.vue'),
    meta: { layout: 'public', wide: true, title: 'search.title', messages: [messages] },
  },
]
