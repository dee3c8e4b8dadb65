import type { RouteRecordRaw } from 'vue-router'
import { messages } from './messages'

export const routes: RouteRecordRaw[] = [
  {
    path: '/spaces/:slug',
    name: 'space',
    component: () => import('./pages/SpacePage.vue'),
    meta: { layout: 'public', title: '', messages: [messages] },
  },
]
